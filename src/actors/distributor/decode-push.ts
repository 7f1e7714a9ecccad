import { CorruptObject } from '../../storage/corrupt.js';
import { decompressUpTo } from '../../storage/zstd.js';
import type { EntriesBatch } from '../../wire/entries.js';
import { asFault, type Fault, fault, raise } from '../../wire/fault.js';
import type { TenantLimits } from '../../wire/limits.js';
import type { PushRequest } from '../../wire/query.js';
import { blockPush } from './blocked-ingestion.js';
import { mediaType } from './content-type.js';
import { EntriesBuilder } from './entries-builder.js';
import { JsonPushReader } from './json.js';
import { readLegacyPush } from './json-legacy.js';
import { LevelDetector } from './level.js';
import { MetadataNames } from './metadata.js';
import { OtlpMemory, OtlpReader } from './otlp.js';
import { otlpJsonToProtobuf } from './otlp-json.js';
import { OtlpRules } from './otlp-rules.js';
import { PushRequestReader } from './protobuf.js';
import { PushIntake, type TenantMemory } from './push-intake.js';
import type { PushSink } from './push-sink.js';
import { SnappyDecoder } from './snappy.js';
import { StreamCache } from './stream-labels.js';
import type { Discarded } from './validate.js';

/** Tenants whose streams and names are remembered at a time. */
const REMEMBERED_TENANTS = 1024;

export interface DecodedPush {
  /** What is to be stored; null where nothing is. */
  readonly batch: EntriesBatch | null;
  /** Ring token of each of the batch's streams. */
  readonly tokens: readonly number[];
  /** What the client is to be told even where the rest is stored. */
  readonly rejected: Fault | null;
  readonly discarded: readonly Discarded[];
  /** Bytes of lines and metadata, and lines, in the request: valid or not. */
  readonly receivedBytes: number;
  readonly lines: number;
  /** The same of what is in the batch, which the rate limit counts; `detected_level` excluded. */
  readonly acceptedBytes: number;
  readonly acceptedLines: number;
  readonly truncatedLines: number;
  readonly truncatedBytes: number;
}

/** What decoding keeps from one request to the next; one for each thread. */
export class PushMemory {
  readonly maxDecompressedBytes: number;
  readonly snappy = new SnappyDecoder();
  readonly protobuf = new PushRequestReader();
  readonly json = new JsonPushReader();
  readonly otlp = new OtlpReader();
  readonly builder = new EntriesBuilder();
  readonly #tenants = new Map<string, TenantMemory>();

  /** `maxDecompressedBytes` bounds what one snappy block may become. */
  constructor(maxDecompressedBytes: number) {
    this.maxDecompressedBytes = maxDecompressedBytes;
  }

  /** The tenant's memory, started afresh where its limits are another object than before. */
  tenant(tenant: string, limits: TenantLimits): TenantMemory {
    const known = this.#tenants.get(tenant);
    const memory = known?.limits === limits ? known : newTenantMemory(tenant, limits);
    // Kept in the order of use, so that the first one has been idle longest.
    this.#tenants.delete(tenant);
    this.#tenants.set(tenant, memory);
    const [idle] = this.#tenants.keys();
    if (this.#tenants.size > REMEMBERED_TENANTS && idle !== undefined) this.#tenants.delete(idle);
    return memory;
  }
}

function newTenantMemory(tenant: string, limits: TenantLimits): TenantMemory {
  return {
    tenant,
    limits,
    streams: new StreamCache(tenant, limits),
    names: new MetadataNames(limits.log_level_fields),
    otlp: new OtlpMemory(new OtlpRules(limits.otlp_config)),
    levels: new LevelDetector(limits.log_level_fields, limits.log_level_from_json_max_depth),
  };
}

const NOTHING: DecodedPush = {
  batch: null,
  tokens: [],
  rejected: null,
  discarded: [],
  receivedBytes: 0,
  lines: 0,
  acceptedBytes: 0,
  acceptedLines: 0,
  truncatedLines: 0,
  truncatedBytes: 0,
};

/**
 * A push request as an entries batch. Never throws: what is wrong with the whole request (`bad-request`, `too-large`,
 * `empty`, `internal`) or with some of its entries (`bad-request`) is in `rejected`.
 */
export function decodePush(request: PushRequest, limits: TenantLimits, nowNs: bigint, memory: PushMemory): DecodedPush {
  const tenant = memory.tenant(request.tenant, limits);
  let intake = new PushIntake(tenant, memory.builder, nowNs);
  const begin = (): PushIntake => {
    intake = new PushIntake(tenant, memory.builder, nowNs);
    return intake;
  };
  try {
    if (request.format === 'otlp') readOtlp(request, memory, tenant.otlp, begin(), nowNs);
    else read(request, memory, begin);
    return blockPush(finish(request.tenant, memory.builder, intake), request.tenant, limits, nowNs);
  } catch (error) {
    return { ...NOTHING, rejected: asFault(error) };
  }
}

function read(request: PushRequest, memory: PushMemory, begin: () => PushIntake): void {
  if (mediaType(request.contentType) !== 'application/json') {
    memory.protobuf.read(memory.snappy.decode(request.body, memory.maxDecompressedBytes), begin());
  } else if (request.format === 'legacy') readLegacyPush(request.body, begin);
  else memory.json.read(request.body, begin);
}

function readOtlp(
  { contentType, body, encoding }: PushRequest,
  memory: PushMemory,
  remembered: OtlpMemory,
  sink: PushSink,
  nowNs: bigint,
): void {
  const type = mediaType(contentType);
  const plain = encoding === 'zstd' ? zstdBody(body, memory.maxDecompressedBytes) : body;
  if (type === 'application/x-protobuf') memory.otlp.read(plain, sink, remembered, nowNs);
  else if (type === 'application/json') memory.otlp.read(otlpJsonToProtobuf(plain), sink, remembered, nowNs);
  else raise('bad-request', `content type: ${contentType} is not supported`);
}

function zstdBody(body: Uint8Array, maxBytes: number): Uint8Array {
  try {
    const plain = decompressUpTo(body, maxBytes);
    if (plain !== null) return plain;
  } catch (error) {
    if (error instanceof CorruptObject) raise('bad-request', error.message);
    throw error;
  }
  const sizes = `(${maxBytes + 1} vs ${maxBytes})`;
  return raise('too-large', `request body too large: decompressed message size too large than max ${sizes}`);
}

function finish(tenant: string, builder: EntriesBuilder, intake: PushIntake): DecodedPush {
  if (intake.streams === 0) {
    return { ...NOTHING, rejected: fault('empty', 'error at least one valid stream is required for ingestion') };
  }
  return {
    batch: builder.rows === 0 ? null : builder.seal(tenant),
    tokens: intake.tokens,
    rejected: intake.messages.isEmpty ? null : fault('bad-request', intake.messages.join()),
    discarded: intake.discarded.list(),
    receivedBytes: intake.receivedBytes,
    lines: intake.lines,
    acceptedBytes: intake.acceptedBytes,
    acceptedLines: intake.acceptedLines,
    truncatedLines: intake.truncatedLines,
    truncatedBytes: intake.truncatedBytes,
  };
}
