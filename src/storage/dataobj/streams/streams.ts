/** Reads the streams section. */
import { crc32 } from 'node:zlib';
import type { Labels } from '../../../wire/labels.js';
import { atPlace, CorruptObject, inPlace, type Place } from '../../corrupt.js';
import { decompress } from '../../zstd.js';
import type { Container, SectionEntry } from '../container.js';
import { type Fields, unpackFields } from '../fields.js';
import type { LabelColumn, StreamsTable } from '../types.js';

const STREAMS_BYTES_MAX = 1 << 28;

/** Opens a streams section. Throws CorruptObject. */
export async function openStreams(container: Container, entry: SectionEntry, place: Place): Promise<Streams> {
  try {
    const bytes = await container.reader.read(entry.offset, entry.length);
    return inPlace(place, () => {
      if (crc32(bytes) !== entry.crc) throw new CorruptObject('checksum mismatch');
      const rawBytes = entry.attributes.count('rawBytes', STREAMS_BYTES_MAX);
      return new Streams(unpackFields(decompress(bytes, rawBytes), place), rawBytes);
    });
  } catch (error) {
    throw atPlace(place, error);
  }
}

export class Streams implements StreamsTable {
  readonly base: bigint;
  readonly count: number;
  readonly columns: readonly LabelColumn[];
  readonly minTime: Float64Array;
  readonly maxTime: Float64Array;
  readonly rows: Float64Array;
  readonly messageBytes: Float64Array;
  readonly metadataBytes: Float64Array;
  readonly residentBytes: number;
  readonly #labels: (Labels | undefined)[];

  constructor(fields: Fields, rawBytes: number) {
    this.base = fields.nanos('base');
    this.count = fields.count('count');
    this.columns = fields.records('columns').map((column) => decodeColumn(column, this.count));
    this.minTime = fields.float64s('minTimes', this.count);
    this.maxTime = fields.float64s('maxTimes', this.count);
    this.rows = fields.float64s('rows', this.count);
    this.messageBytes = fields.float64s('messageBytes', this.count);
    this.metadataBytes = fields.float64s('metadataBytes', this.count);
    this.residentBytes = rawBytes * 3;
    this.#labels = new Array(this.count);
  }

  labels(stream: number): Labels {
    let labels = this.#labels[stream];
    if (labels === undefined) {
      labels = this.columns.flatMap(({ name, values, ids }) => {
        const id = ids[stream]!;
        return id < 0 ? [] : [[name, values[id]!] as const];
      });
      this.#labels[stream] = labels;
    }
    return labels;
  }
}

function decodeColumn(fields: Fields, streams: number): LabelColumn {
  const values = fields.texts('values');
  const ids = fields.int32s('ids', streams);
  for (const id of ids) if (id < -1 || id >= values.length) throw new CorruptObject('a label value out of range');
  return { name: fields.text('name'), values, ids };
}
