import type { SectionPages, SectionReader } from '../../storage/dataobj/types.js';

/** Pages to be read and the read that will have them. */
interface Asked {
  readonly pages: Set<number>;
  readonly read: Promise<SectionPages>;
}

/** Reads columns of pages that turn out to be needed; what is asked for in one go is read in one go. */
export class LaterPages {
  readonly #reader: SectionReader;
  readonly #columns: readonly string[];
  #asked: Asked | undefined;

  constructor(reader: SectionReader, columns: readonly string[]) {
    this.#reader = reader;
    this.#columns = columns;
  }

  load(page: number): Promise<SectionPages> {
    this.#asked ??= this.#soon(new Set());
    this.#asked.pages.add(page);
    return this.#asked.read;
  }

  #soon(pages: Set<number>): Asked {
    const read = Promise.resolve().then(() => {
      this.#asked = undefined;
      return this.#reader.fetch(
        this.#columns,
        [...pages].sort((a, b) => a - b),
      );
    });
    return { pages, read };
  }
}
