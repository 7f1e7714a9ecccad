/** One column of a section being written: its pages one after another, and what readers need to find them again. */
import { ByteSink, byteParts } from '../byte-sink.js';
import type { ColumnChunk, ColumnType } from '../parquet/footer.js';
import {
  DELTA_BINARY_PACKED,
  DELTA_LENGTH_BYTE_ARRAY,
  type PageFacts,
  RLE_DICTIONARY,
  writeDataPage,
  writeDictionaryPage,
} from '../parquet/page.js';
import type { ColumnEncoding } from '../types.js';

export interface WrittenColumn {
  readonly chunk: ColumnChunk;
  readonly pages: readonly PageFacts[];
  readonly dictionary: (PageFacts & { readonly values: number }) | undefined;
}

const PAGE_ENCODINGS: Record<ColumnEncoding, number> = {
  'delta-int32': DELTA_BINARY_PACKED,
  'delta-int64': DELTA_BINARY_PACKED,
  'delta-length': DELTA_LENGTH_BYTE_ARRAY,
  dictionary: RLE_DICTIONARY,
};

const NO_LEVELS = new Uint8Array(0);
/** Pages are collected in parts of about so much: a buffer that grows to megabytes leaves as much garbage again. */
const PART_BYTES = 256 << 10;

export class ColumnWriter {
  readonly #name: string;
  readonly #type: ColumnType;
  readonly #encoding: ColumnEncoding;
  readonly #zstdLevel: number;
  readonly #parts: Uint8Array[] = [];
  #sink = new ByteSink();
  readonly #pages: PageFacts[] = [];
  #dictionary: WrittenColumn['dictionary'];
  #optional = false;
  #nulls = 0;
  #rawBytes = 0;

  constructor(name: string, type: ColumnType, encoding: ColumnEncoding, zstdLevel: number) {
    this.#name = name;
    this.#type = type;
    this.#encoding = encoding;
    this.#zstdLevel = zstdLevel;
  }

  /** Before the first page. */
  dictionary(values: number, payload: Uint8Array): void {
    const facts = writeDictionaryPage(this.#sink, values, payload, this.#zstdLevel);
    this.#dictionary = { ...facts, values };
    this.#rawBytes += facts.headerBytes + facts.payloadBytes;
  }

  page(rows: number, payload: Uint8Array): PageFacts {
    return this.#write(rows, 0, NO_LEVELS, payload);
  }

  optionalPage(rows: number, nulls: number, levels: Uint8Array, payload: Uint8Array): PageFacts {
    this.#optional = true;
    this.#nulls += nulls;
    return this.#write(rows, nulls, levels, payload);
  }

  #write(rows: number, nulls: number, levels: Uint8Array, payload: Uint8Array): PageFacts {
    if (this.#sink.length >= PART_BYTES) {
      this.#parts.push(this.#sink.view());
      this.#sink = new ByteSink(PART_BYTES + PART_BYTES / 4);
    }
    const encoding = PAGE_ENCODINGS[this.#encoding];
    const facts = writeDataPage(this.#sink, { encoding, rows, nulls, levels, payload }, this.#zstdLevel);
    this.#pages.push(facts);
    this.#rawBytes += facts.headerBytes + facts.levelBytes + facts.payloadBytes;
    return facts;
  }

  finish(range?: { readonly min: bigint | number; readonly max: bigint | number }): WrittenColumn {
    return {
      chunk: {
        name: this.#name,
        type: this.#type,
        optional: this.#optional,
        encoding: this.#encoding,
        bytes: byteParts([...this.#parts, this.#sink.view()]),
        rawBytes: this.#rawBytes,
        dictionaryBytes: this.#dictionary?.storedBytes ?? 0,
        nulls: this.#nulls,
        ...range,
      },
      pages: this.#pages,
      dictionary: this.#dictionary,
    };
  }
}
