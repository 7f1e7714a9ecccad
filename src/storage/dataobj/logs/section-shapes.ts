import type { PlainRanges } from '../parquet/text.js';
import type { Shapes } from '../types.js';

/** Shapes that are unpacked when somebody looks at them: who knows them from another time does not. */
export class SectionShapes implements Shapes {
  readonly section: object;
  readonly count: number;
  readonly #unpack: () => PlainRanges;
  #unpacked: PlainRanges | undefined;

  constructor(section: object, count: number, unpack: () => PlainRanges) {
    this.section = section;
    this.count = count;
    this.#unpack = unpack;
  }

  get starts(): Int32Array {
    return this.#ranges().starts;
  }

  get ends(): Int32Array {
    return this.#ranges().ends;
  }

  get bytes(): Buffer {
    return this.#ranges().bytes;
  }

  #ranges(): PlainRanges {
    this.#unpacked ??= this.#unpack();
    return this.#unpacked;
  }
}
