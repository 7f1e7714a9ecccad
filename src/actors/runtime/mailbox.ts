/** A bounded first-in first-out queue over a ring of slots that grows up to its bound. */
export class Mailbox<T> {
  readonly #max: number;
  #slots: (T | undefined)[] = new Array(16);
  #head = 0;
  #length = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get length(): number {
    return this.#length;
  }

  /** False when full: the caller must refuse. */
  push(item: T): boolean {
    if (this.#length >= this.#max) return false;
    if (this.#length === this.#slots.length) this.#grow();
    this.#slots[(this.#head + this.#length++) & (this.#slots.length - 1)] = item;
    return true;
  }

  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#slots[this.#head];
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#slots.length - 1);
    this.#length--;
    return item;
  }

  #grow(): void {
    const bigger = new Array<T | undefined>(this.#slots.length * 2);
    for (let i = 0; i < this.#length; i++) bigger[i] = this.#slots[(this.#head + i) & (this.#slots.length - 1)];
    this.#slots = bigger;
    this.#head = 0;
  }
}
