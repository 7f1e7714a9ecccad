import type { QueryStats } from '../wire/query.js';

/** Caches Loki reports on; Skald has only that of results, but clients expect the keys. */
const CACHES = [
  'chunk',
  'index',
  'result',
  'statsResult',
  'volumeResult',
  'seriesResult',
  'labelResult',
  'instantMetricResult',
  'logResult',
  'taskResult',
];
const NO_CACHE = {
  entriesFound: 0,
  entriesRequested: 0,
  entriesStored: 0,
  bytesReceived: 0,
  bytesSent: 0,
  requests: 0,
  downloadTime: 0,
  queryLengthServed: 0,
};

/**
 * Loki's `stats` object. Sections stand for Loki's chunks; rows still in memory are reported as the ingester's, stored
 * ones as the querier's. Times are seconds in `summary`.
 */
export function lokiStats(stats: QueryStats) {
  const seconds = Math.max(stats.execSeconds, 1e-9);
  const storedRows = stats.rowsScanned - stats.liveRows;
  const sectionsRead = stats.sections - stats.sectionsPruned;
  return {
    summary: {
      bytesProcessedPerSecond: Math.floor(stats.bytesScanned / seconds),
      linesProcessedPerSecond: Math.floor(stats.rowsScanned / seconds),
      totalBytesProcessed: stats.bytesScanned,
      totalLinesProcessed: stats.rowsScanned,
      execTime: stats.execSeconds,
      queueTime: stats.queueSeconds,
      subqueries: 0,
      totalEntriesReturned: stats.entriesReturned,
      splits: stats.slices ?? 0,
      shards: stats.tasks,
      totalPostFilterLines: stats.rowsKept,
      totalStructuredMetadataBytesProcessed: stats.metadataBytesScanned,
    },
    querier: {
      store: {
        ...storeStats(stats.sections, sectionsRead),
        queryUsedV2Engine: true,
        chunk: {
          ...NO_CHUNKS,
          decompressedBytes: stats.bytesScanned,
          decompressedLines: storedRows,
          postFilterLines: stats.rowsKept,
          decompressedStructuredMetadataBytes: stats.metadataBytesScanned,
        },
        dataobj: {
          prePredicateDecompressedRows: storedRows,
          postFilterRows: stats.rowsKept,
          pagesScanned: stats.pages,
          pagesDownloaded: stats.pages - stats.pagesPruned,
        },
      },
    },
    ingester: {
      totalReached: stats.liveRows > 0 ? 1 : 0,
      totalChunksMatched: 0,
      totalBatches: 0,
      totalLinesSent: stats.liveRows,
      store: { ...storeStats(0, 0), chunk: { ...NO_CHUNKS, headChunkLines: stats.liveRows }, dataobj: {} },
    },
    cache: { ...Object.fromEntries(CACHES.map((name) => [name, NO_CACHE])), result: resultCache(stats) },
    index: {
      totalChunks: stats.sections,
      postFilterChunks: sectionsRead,
      shardsDuration: 0,
      usedBloomFilters: stats.pagesPruned > 0,
      totalStreams: stats.streams,
      chunkRefsLookupTime: 0,
      bloomFilterTime: 0,
    },
  };
}

/** An entry is the result of one section's scan. */
function resultCache({ cache }: QueryStats) {
  if (!cache) return NO_CACHE;
  const { asked, found, stored } = cache;
  return { ...NO_CACHE, entriesFound: found, entriesRequested: asked, entriesStored: stored, requests: asked };
}

const NO_CHUNKS = {
  headChunkBytes: 0,
  headChunkLines: 0,
  decompressedBytes: 0,
  decompressedLines: 0,
  compressedBytes: 0,
  totalDuplicates: 0,
  postFilterLines: 0,
  headChunkStructuredMetadataBytes: 0,
  decompressedStructuredMetadataBytes: 0,
};

function storeStats(sections: number, read: number) {
  return {
    totalChunksRef: sections,
    totalChunksDownloaded: read,
    chunksDownloadTime: 0,
    queryReferencedStructuredMetadata: false,
    queryUsedV2Engine: false,
    chunkRefsFetchTime: 0,
    congestionControlLatency: 0,
    pipelineWrapperFilteredLines: 0,
  };
}
