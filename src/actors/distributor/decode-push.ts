import { type EntriesBatch, keepOpen } from '../../wire/entries.js';
import { asFault, type Fault, fault, raise } from '../../wire/fault.js';
import type { TenantLimits } from '../../wire/limits.js';
import type { PushRequest } from '../../wire/query.js';
import { blockPush } from './blocked-ingestion.js';
import { decompressedBody } from './compressed-body.js';
import { mediaType } from './content-type.js';
import { EntriesBuilder } from './entries-builder.js';
import { JsonPushReader } from './json.js';
import { readLegacyPush } from './json-legacy.js';
import { LevelDetector } from './level.js';
import { MetadataNames } from './metadata.js';
import { OtlpReader } from './otlp.js';
import { OtlpJsonReader } from './otlp-json.js';
import { OtlpMemory } from './otlp-memory.js';
import { PLAIN_PAGES, PlainEntries } from './plain-entries.js';
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
  readonly snappy = new SnappyDecoder(PLAIN_PAGES);
  readonly plain: PlainEntries | null;
  readonly protobuf = new PushRequestReader();
  readonly json = new JsonPushReader();
  readonly otlp: OtlpReader;
  readonly otlpJson = new OtlpJsonReader();
  readonly builder = new EntriesBuilder();
  readonly #tenants = new Map<string, TenantMemory>();

  /** `maxDecompressedBytes` bounds what a compressed body may become; `hasPlain` is false to read all entries one by one. */
  constructor(maxDecompressedBytes: number, hasPlain = true) {
    this.plain = hasPlain ? new PlainEntries() : null;
    this.maxDecompressedBytes = maxDecompressedBytes;
    this.otlp = new OtlpReader(maxDecompressedBytes);
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
  let otlp: OtlpMemory | undefined;
  return {
    tenant,
    limits,
    streams: new StreamCache(tenant, limits),
    names: new MetadataNames(limits.log_level_fields),
    levels: new LevelDetector(limits.log_level_fields, limits.log_level_from_json_max_depth),
    get otlp() {
      otlp ??= new OtlpMemory(tenant, limits);
      return otlp;
    },
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
  let intake = new PushIntake(tenant, memory, nowNs, request.format);
  const begin = (): PushIntake => {
    intake = new PushIntake(tenant, memory, nowNs, request.format);
    return intake;
  };
  try {
    if (request.format === 'otlp') readOtlp(request, memory, tenant.otlp, begin(), nowNs);
    else read(request, memory, begin);
    return blockPush(finish(request.tenant, memory, intake), request.tenant, limits, nowNs);
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
  request: PushRequest,
  memory: PushMemory,
  remembered: OtlpMemory,
  sink: PushSink,
  nowNs: bigint,
): void {
  const { contentType, body, encoding } = request;
  const type = contentType.split(';', 1)[0]!.trim().toLowerCase();
  const isJson = type === 'application/json';
  if (!isJson && type !== 'application/x-protobuf') {
    raise('bad-request', `content type: ${contentType} is not supported`);
  }
  const plain = decompressedBody(body, encoding, memory.maxDecompressedBytes);
  memory.otlp.read(isJson ? memory.otlpJson.toProtobuf(plain) : plain, sink, remembered, nowNs);
}

function finish(tenant: string, { builder, plain }: PushMemory, intake: PushIntake): DecodedPush {
  if (intake.streams === 0) {
    return { ...NOTHING, rejected: fault('empty', 'error at least one valid stream is required for ingestion') };
  }
  return {
    batch: builder.rows === 0 ? null : keepOpen(builder.seal(tenant, plain?.distinct(builder))),
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
