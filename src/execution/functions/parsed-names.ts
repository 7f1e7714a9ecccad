/** Numbers the names that a parser finds, in the order in which they are met: columns of all sinks that share it. */
export class ParsedNames {
  readonly #names: string[] = [];
  readonly #numbers = new Map<string, number>();

  get count(): number {
    return this.#names.length;
  }

  name(number: number): string {
    return this.#names[number]!;
  }

  number(name: string): number {
    let number = this.#numbers.get(name);
    if (number === undefined) {
      number = this.#names.push(name) - 1;
      this.#numbers.set(name, number);
    }
    return number;
  }
}
