/** The body of a thread that reads segments of a log. */
import { workerData } from 'node:worker_threads';
import { NodeDisk } from '../disk-node.js';
import type { Damage } from './replay.js';
import { readWhole } from './segments.js';

/** What a segment held, to be sent to another thread. */
export interface SegmentContents {
  readonly bytes: number;
  readonly seqs: readonly number[];
  /** Of each record. */
  readonly payloads: readonly SharedArrayBuffer[];
  readonly damage: readonly Damage[];
}

// Piscina wraps the data given to the pool in a pair of its own.
const folder = (Array.isArray(workerData) ? workerData[1] : workerData) as string;
let spare: Buffer | undefined;

export default async function main(name: string): Promise<SegmentContents> {
  const { bytes, records, buffer } = await readWhole(await NodeDisk.open(folder), name, spare);
  spare = buffer;
  const seqs: number[] = [];
  const payloads: SharedArrayBuffer[] = [];
  let record = records.next();
  for (; !record.done; record = records.next()) {
    const { seq, payload } = record.value;
    const own = new SharedArrayBuffer(payload.length);
    new Uint8Array(own).set(payload);
    seqs.push(seq);
    payloads.push(own);
  }
  return { bytes, seqs, payloads, damage: record.value };
}
