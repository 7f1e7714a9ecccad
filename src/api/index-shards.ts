import { parseBytes } from '../wire/bytesize.js';
import { raise } from '../wire/fault.js';
import type { IndexShard, QueryStats } from '../wire/query.js';
import { type Handler, json } from './exchange.js';
import { metadataRequest, valueOrRaise, warningsOf } from './metadata.js';
import type { Parameters } from './parameters.js';
import { lokiStats } from './stats-json.js';

/** `GET|POST /loki/api/v1/index/shards`: equal shares of a selector's streams by fingerprint, and what is in them. */
export const indexShards: Handler = async (request, api) => {
  const selector = request.parameters.get('query');
  if (selector.trim() === '') raise('bad-request', 'parse error : syntax error: unexpected $end');
  const question = { ...metadataRequest(request, [selector]), targetBytes: targetBytesOf(request.parameters) };
  const outcome = await api.client.indexShards(question, request.signal);
  const shards = valueOrRaise(outcome).map(shardJson);
  return json(`${JSON.stringify({ shards, statistics: lokiStats(NOTHING_READ), ...warningsOf(outcome) })}\n`);
};

function targetBytesOf(parameters: Parameters): number {
  const value = parameters.get('targetBytesPerShard');
  const bytes = value === '' ? 0 : sizeOf(value);
  return bytes > 0 ? bytes : raise('bad-request', 'targetBytesPerShard must be a positive value');
}

function sizeOf(value: string): number {
  try {
    return parseBytes(value);
  } catch (error) {
    return raise('bad-request', error instanceof Error ? error.message : String(error));
  }
}

function shardJson({ min, max, stats }: IndexShard) {
  const { streams, chunks, bytes, entries } = stats;
  return { bounds: { min: hex(min), max: hex(max) }, stats: { streams, chunks, bytes, entries } };
}

function hex(fingerprint: bigint): string {
  return fingerprint.toString(16).padStart(16, '0');
}

const NOTHING_READ: QueryStats = {
  ...{ execSeconds: 0, queueSeconds: 0, rowsScanned: 0, bytesScanned: 0, rowsKept: 0, metadataBytesScanned: 0 },
  ...{
    entriesReturned: 0,
    sections: 0,
    sectionsPruned: 0,
    pages: 0,
    pagesPruned: 0,
    liveRows: 0,
    streams: 0,
    tasks: 0,
  },
};
