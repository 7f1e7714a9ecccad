/** Variables of one template body while it is compiled: names to slots, innermost last. */
export class Scope {
  private readonly names: string[] = ['$'];
  private readonly slots: number[] = [0];
  private next = 1;

  declare(name: string): number {
    this.names.push(name);
    this.slots.push(this.next);
    return this.next++;
  }

  /** Undefined for a name that was only ever assigned to, which Go notices when it runs. */
  slot(name: string): number | undefined {
    const i = this.names.lastIndexOf(name);
    return i === -1 ? undefined : this.slots[i];
  }

  mark(): number {
    return this.names.length;
  }

  release(mark: number): void {
    this.names.length = mark;
    this.slots.length = mark;
  }
}
