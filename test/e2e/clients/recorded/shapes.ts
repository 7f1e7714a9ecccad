/** What the decoders of Grafana, Logs Drilldown and logcli demand of an answer; keys they do not know they skip. */
import { z } from 'zod';

/** Read with ParseInt. */
const nanoseconds = z.string().regex(/^\d{19}$/, 'nanoseconds as text');
/** Seconds with at most three decimals: both clients cut what follows. */
const seconds = z.number().refine((value) => Number.isInteger(Math.round(value * 1e6) / 1e3), 'whole milliseconds');
/** Read with ParseFloat. */
const sampleText = z.string().regex(/^(?:NaN|[+-]Inf|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/, 'a number as text');
const sample = z.tuple([seconds, sampleText]);
const names = z.array(z.string());
const labelSet = z.record(z.string(), z.string());
const count = z.int().nonnegative();

const store = z.object({
  totalChunksRef: count,
  totalChunksDownloaded: count,
  chunksDownloadTime: count,
  chunk: z.object({
    headChunkBytes: count,
    headChunkLines: count,
    decompressedBytes: count,
    decompressedLines: count,
    compressedBytes: count,
    totalDuplicates: count,
  }),
});

/** Go decodes them into integers and refuses fractions, except for the times of the summary. */
const stats = z.object({
  summary: z.object({
    bytesProcessedPerSecond: count,
    linesProcessedPerSecond: count,
    totalBytesProcessed: count,
    totalLinesProcessed: count,
    execTime: z.number().nonnegative(),
    queueTime: z.number().nonnegative(),
    subqueries: count,
    totalEntriesReturned: count,
  }),
  querier: z.object({ store }),
  ingester: z.object({
    totalReached: count,
    totalChunksMatched: count,
    totalBatches: count,
    totalLinesSent: count,
    store,
  }),
});

/** Keys in the order that Grafana's streaming decoder needs: it reads `result` with what it has seen before. */
function inOrder(...keys: readonly string[]): (value: object) => boolean {
  return (value) => {
    const found = Object.keys(value).filter((key) => keys.includes(key));
    return found.join() === keys.filter((key) => found.includes(key)).join();
  };
}

const DECODED_IN_ORDER = inOrder('resultType', 'encodingFlags', 'result', 'stats');

function answer<T extends z.ZodRawShape>(data: T) {
  return z.object({
    status: z.literal('success'),
    data: z.object({ ...data, stats }).refine(DECODED_IN_ORDER, 'keys out of order'),
    warnings: names.optional(),
  });
}

const plainEntry = z.tuple([nanoseconds, z.string()]);
const categorizedEntry = z.tuple([
  nanoseconds,
  z.string(),
  z.strictObject({ structuredMetadata: labelSet.optional(), parsed: labelSet.optional() }),
]);

export const streams = answer({
  resultType: z.literal('streams'),
  encodingFlags: z.undefined().optional(),
  result: z.array(z.strictObject({ stream: labelSet, values: z.array(plainEntry).min(1) })),
});

/** With the header of categorized labels every entry has three elements, and the answer says so. */
export const categorizedStreams = answer({
  resultType: z.literal('streams'),
  encodingFlags: z.tuple([z.literal('categorize-labels')]),
  result: z.array(z.strictObject({ stream: labelSet, values: z.array(categorizedEntry).min(1) })),
});

export const matrix = answer({
  resultType: z.literal('matrix'),
  result: z.array(z.strictObject({ metric: labelSet, values: z.array(sample).min(1) })),
});

export const vector = answer({
  resultType: z.literal('vector'),
  result: z.array(z.strictObject({ metric: labelSet, value: sample })),
});

/** A vector when no series has a second sample, as in Loki. */
export const volumeRange = z.union([matrix, vector]);

/** `data` is left out when there is nothing. */
export const nameList = z.object({ status: z.literal('success'), data: names.optional() });
export const series = z.object({ status: z.literal('success'), data: z.array(labelSet) });
export const indexStats = z.object({ streams: count, chunks: count, bytes: count, entries: count });
export const patterns = z.object({
  status: z.literal('success'),
  data: z.array(
    z.object({ pattern: z.string().min(1), level: z.string().optional(), samples: z.array(z.tuple([count, count])) }),
  ),
});
export const detectedLabels = z.object({
  detectedLabels: z.array(z.object({ label: z.string(), cardinality: count })).optional(),
});

/** `parsers` is null, never a list without items, for structured metadata: the client asks `=== null`. */
const detectedField = z.object({
  label: z.string(),
  type: z.enum(['string', 'int', 'float', 'boolean', 'duration', 'bytes']),
  cardinality: count,
  parsers: z
    .array(z.enum(['json', 'logfmt']))
    .min(1)
    .nullable(),
  jsonPath: names.min(1).optional(),
});
/** Both keys are left out when there is nothing. */
export const detectedFields = z.object({ fields: z.array(detectedField).optional(), limit: count.optional() });
export const detectedValues = z.object({ values: names.optional(), limit: count.optional() });

const goDuration = z.string().regex(/^(?:0s|(?:\d+(?:\.\d+)?(?:y|w|d|h|ms|m|s))+)$/, 'a duration');
export const drilldownLimits = z.object({
  limits: z.object({
    max_query_length: goDuration,
    max_query_lookback: goDuration,
    max_query_series: count,
    max_entries_limit_per_query: count,
    retention_period: goDuration,
    discover_log_levels: z.boolean(),
    discover_service_name: names,
    log_level_fields: names,
    query_timeout: goDuration,
    volume_enabled: z.boolean(),
    volume_max_series: count,
  }),
  pattern_ingester_enabled: z.boolean(),
  version: z.string().min(1),
});

export const buildInfo = z.object({
  version: z.string().min(1),
  revision: z.string(),
  branch: z.string(),
  buildUser: z.string(),
  buildDate: z.string(),
  goVersion: z.string(),
});
