import { type ByteRun, byteRun, equalBytes } from '../../wire/byte-copy.js';
import { raise } from '../../wire/fault.js';
import type { TenantLimits } from '../../wire/limits.js';
import type { PushFormat } from '../../wire/query.js';
import type { EntriesBuilder } from './entries-builder.js';
import type { LevelDetector } from './level.js';
import { LEVEL_NAMES, levelOf, levelOfSeverityNumber, NO_LEVEL } from './level-names.js';
import {
  DETECTED_LEVEL,
  hasInvalidUtf8,
  type MetadataKey,
  type MetadataName,
  type MetadataNames,
  withoutInvalidUtf8,
} from './metadata.js';
import type { OtlpMemory } from './otlp-memory.js';
import type { PlainEntries } from './plain-entries.js';
import type { PlainStreams, PushSink } from './push-sink.js';
import type { SnappyDecoder } from './snappy.js';
import { SpacedTimes } from './spaced-times.js';
import type { StreamCache, StreamLabels } from './stream-labels.js';
import { DiscardCounts, type EntryRefusal, EntryRules, GroupedMessages } from './validate.js';

/** What the intake keeps of a tenant from one request to the next. */
export interface TenantMemory {
  readonly tenant: string;
  readonly limits: TenantLimits;
  readonly streams: StreamCache;
  readonly names: MetadataNames;
  readonly levels: LevelDetector;
  readonly otlp: OtlpMemory;
}

/** What the intake writes with; for one request at a time. */
export interface IntakeTools {
  readonly builder: EntriesBuilder;
  readonly snappy: SnappyDecoder;
  readonly plain: PlainEntries | null;
}

/** Streams, entries and pairs in one request, which can be a gigabyte of two-byte entries. */
const MAX_PARTS = 16_000_000;

/** The refusal explained last: entries refused for the same reason tend to come in a row. */
interface Explanation {
  readonly refusal: EntryRefusal;
  readonly stream: string;
  readonly seconds: number;
  readonly length: number;
  readonly pairs: number;
  readonly pairBytes: number;
  readonly message: string;
}

const EMPTY = byteRun(new Uint8Array(0));
const LEVEL_BYTES: readonly ByteRun[] = LEVEL_NAMES.map((name) => byteRun(new Uint8Array(Buffer.from(name))));

let batches = 0;

/**
 * Validates what a decoder reads and appends what is accepted to an entries batch, in the order in which Loki's
 * distributor looks at an entry: length, time, size, metadata, level. An invalid stream or entry is counted and
 * reported and the rest goes on; only what makes the whole request void is thrown (as a FaultError).
 */
export class PushIntake implements PushSink, PlainStreams {
  readonly messages = new GroupedMessages();
  readonly discarded = new DiscardCounts();
  /** All that was read, valid or not. Bytes are those of lines and metadata, before truncation. */
  streams = 0;
  lines = 0;
  receivedBytes = 0;
  /** What was accepted; without `detected_level`. */
  acceptedLines = 0;
  acceptedBytes = 0;
  /** Lines cut to the maximal length, and the bytes cut off. */
  truncatedLines = 0;
  truncatedBytes = 0;
  readonly tokens: number[] = [];

  readonly #memory: TenantMemory;
  readonly #tools: IntakeTools;
  /** Where the source is in its memory. */
  #plain: PlainEntries | null = null;
  readonly #isOtlp: boolean;
  readonly #streams: StreamCache;
  readonly #builder: EntriesBuilder;
  readonly #rules: EntryRules;
  readonly #batch = ++batches;
  readonly #names: MetadataNames;
  readonly #detectedLevel: MetadataKey;
  readonly #discoverLevels: boolean;
  readonly #truncateTo: number;
  readonly #truncationMark: ByteRun;
  #parts = 0;
  #source = EMPTY;
  #stream: StreamLabels | null = null;
  #refusedLines = 0;
  #refusedBytes = 0;
  #explained: Explanation | null = null;
  // The entry that is being read.
  #pairs = 0;
  #pairBytes = 0;
  #lastName: MetadataName;
  #badName = '';
  #hasDeadPairs = false;
  #hasDetectedLevel = false;
  #levelRank = -1;
  #levelPair = -1;
  #severityPair = -1;
  /** With increment_duplicate_timestamp. */
  readonly #spaced: SpacedTimes | null;

  constructor(memory: TenantMemory, tools: IntakeTools, nowNs: bigint, format: PushFormat) {
    const { limits } = memory;
    const { builder } = tools;
    this.#memory = memory;
    this.#tools = tools;
    this.#isOtlp = format === 'otlp';
    this.#streams = this.#isOtlp ? memory.otlp.streams : memory.streams;
    this.#builder = builder;
    this.#rules = new EntryRules(limits, nowNs);
    this.#discoverLevels = limits.discover_log_levels && limits.allow_structured_metadata;
    this.#truncateTo = limits.max_line_size_truncate ? limits.max_line_size : 0;
    this.#spaced = limits.increment_duplicate_timestamp ? new SpacedTimes() : null;
    this.#truncationMark = byteRun(new Uint8Array(Buffer.from(limits.max_line_size_truncate_identifier)));
    builder.reset();
    this.#names = memory.names;
    this.#names.trim();
    this.#lastName = this.#names.first;
    this.#detectedLevel = this.#names.key(DETECTED_LEVEL);
  }

  open(source: ByteRun): void {
    this.#source = source;
    const { plain, snappy, builder } = this.#tools;
    if (plain === null || this.#isOtlp || this.#spaced !== null) return;
    if (!plain.begin(snappy.memory, source.bytes, this.#names)) return;
    const { bounds } = this.#rules;
    const lineBytes = this.#truncateTo || bounds.lineBytes;
    plain.lend(builder, { ...bounds, lineBytes }, this.#discoverLevels);
    this.#plain = plain;
  }

  isPlain(start: number, end: number): boolean {
    const { byteOffset } = this.#source.bytes;
    return this.#plain?.isPlain(byteOffset + start, byteOffset + end) === true;
  }

  entries(start: number, end: number): number {
    const plain = this.#plain;
    const stream = this.#stream!;
    if (plain === null || stream.refusal !== null) return start;
    const builder = this.#builder;
    const { byteOffset } = this.#source.bytes;
    for (let at = start; ; ) {
      const before = builder.rows;
      at = plain.read(byteOffset + at, byteOffset + end, builder, this.#batch) - byteOffset;
      this.#count(builder.rows - before, plain.bytesTaken);
      if (!plain.isOpen) return at;
      this.#levelRank = plain.levelRank;
      this.#levelPair = plain.levelPair;
      this.#severityPair = plain.severityPair;
      this.#addLevel(stream);
      builder.endTimedRow();
      this.#count(1, 0);
      this.#beginEntry();
    }
  }

  #count(rows: number, bytes: number): void {
    this.lines += rows;
    this.acceptedLines += rows;
    this.receivedBytes += bytes;
    this.acceptedBytes += bytes;
  }

  beginStream(labels: ByteRun, start: number, end: number): void {
    this.#countPart();
    this.streams++;
    this.#stream = this.#streams.stream(labels, start, end);
    this.#spaced?.beginStream();
  }

  pair(nameStart: number, nameEnd: number, valueStart: number, valueEnd: number): void {
    this.#countPart();
    this.#pairs++;
    this.#pairBytes += nameEnd - nameStart + valueEnd - valueStart;
    if (this.#stream!.refusal !== null) return;
    const name = this.#names.name(this.#lastName, this.#source, nameStart, nameEnd);
    this.#lastName = name;
    this.#plain?.learn(name, this.#source, nameStart, nameEnd, this.#batch);
    if (name.problem !== '') {
      this.#badName ||= name.problem;
      return;
    }
    // An empty value is no value.
    if (valueStart === valueEnd) return;
    const { key } = name;
    // OpenTelemetry's names are all changed before Loki's distributor sees them, so that none stands behind another.
    const changed = name.changed && !this.#isOtlp;
    if (key.entry === this.lines && key.batch === this.#batch && !this.#replaces(key, changed)) return;
    this.#place(key, changed);
    if (key.isDetectedLevel && this.#discoverLevels) {
      this.#hasDetectedLevel = true;
      const level = levelOf(this.#source.bytes, valueStart, valueEnd);
      if (level !== NO_LEVEL) {
        const name = LEVEL_BYTES[level]!;
        this.#builder.addPair(key.id, name, 0, name.bytes.length);
        return;
      }
    }
    if (this.#builder.addPair(key.id, this.#source, valueStart, valueEnd)) return;
    if (!hasInvalidUtf8(this.#source.bytes, valueStart, valueEnd)) return;
    this.#builder.dropPair();
    const clean = byteRun(withoutInvalidUtf8(this.#source.bytes.subarray(valueStart, valueEnd)));
    this.#builder.addPair(key.id, clean, 0, clean.bytes.length);
  }

  entry(seconds: number, nanos: number, lineStart: number, lineEnd: number): void {
    this.#countPart();
    const stream = this.#stream!;
    const sent = lineEnd - lineStart;
    const isTruncated = this.#truncateTo !== 0 && sent > this.#truncateTo;
    const length = isTruncated ? this.#truncateTo : sent;
    this.receivedBytes += sent + this.#pairBytes;
    if (isTruncated) {
      this.truncatedLines++;
      this.truncatedBytes += sent - length;
    }
    if (stream.refusal !== null) {
      this.#refusedLines++;
      this.#refusedBytes += length + this.#pairBytes;
    } else {
      const refusal = this.#rules.check(seconds, nanos, length, this.#pairs, this.#pairBytes);
      if (refusal !== null) this.#refuse(refusal, stream.labels, seconds, length);
      else this.#accept(stream, seconds, nanos, lineStart, length, isTruncated);
    }
    this.lines++;
    this.#beginEntry();
  }

  #beginEntry(): void {
    this.#pairs = 0;
    this.#pairBytes = 0;
    this.#lastName = this.#names.first;
    this.#badName = '';
    this.#hasDeadPairs = false;
    this.#hasDetectedLevel = false;
    this.#levelRank = -1;
    this.#levelPair = -1;
    this.#severityPair = -1;
  }

  endStream(): void {
    const { labels, token, refusal } = this.#stream!;
    if (refusal !== null && this.#refusedLines > 0) {
      this.messages.add(refusal.message);
      this.discarded.add(refusal.reason, this.#refusedLines, this.#refusedBytes);
      this.#refusedLines = 0;
      this.#refusedBytes = 0;
    }
    if (this.#builder.endStream(labels)) this.tokens.push(token);
  }

  #countPart(): void {
    if (++this.#parts > MAX_PARTS)
      raise('too-large', `request body too large: more than ${MAX_PARTS} entries and labels`);
  }

  /** Whether a pair of a key that the entry already has takes its place: the later one does, but not over a changed name. */
  #replaces(key: MetadataKey, changed: boolean): boolean {
    if (key.pairChanged && !changed) return false;
    this.#builder.pairKeys[key.pair] = -1;
    this.#hasDeadPairs = true;
    return true;
  }

  /** Notes where the pair that is added next will be. */
  #place(key: MetadataKey, changed: boolean): void {
    const pair = this.#builder.pairs;
    if (key.batch !== this.#batch) {
      key.batch = this.#batch;
      key.id = this.#builder.keys.push(key.name) - 1;
      this.#plain?.number(key);
    }
    key.entry = this.lines;
    key.pair = pair;
    key.pairChanged = changed;
    if (key.levelRank !== -1 && (this.#levelRank === -1 || key.levelRank <= this.#levelRank)) {
      this.#levelRank = key.levelRank;
      this.#levelPair = pair;
    }
    if (key.isSeverityNumber) this.#severityPair = pair;
  }

  #refuse(refusal: EntryRefusal, stream: string, seconds: number, length: number): void {
    this.#builder.dropRow();
    this.discarded.add(refusal, 1, length + this.#pairBytes);
    if (this.#isExplained(refusal, stream, seconds, length)) this.messages.add(this.#explained!.message);
    else if (this.messages.isFull) this.messages.skip();
    else {
      const pairs = this.#pairs;
      const pairBytes = this.#pairBytes;
      const message = this.#rules.explain(refusal, stream, seconds, length, pairs, pairBytes);
      this.messages.add(message);
      this.#explained = { refusal, stream, seconds, length, pairs, pairBytes, message };
    }
  }

  #isExplained(refusal: EntryRefusal, stream: string, seconds: number, length: number): boolean {
    const last = this.#explained;
    if (last === null || last.refusal !== refusal || last.stream !== stream) return false;
    if (last.seconds !== seconds || last.length !== length) return false;
    return last.pairs === this.#pairs && last.pairBytes === this.#pairBytes;
  }

  #accept(
    stream: StreamLabels,
    seconds: number,
    nanos: number,
    lineStart: number,
    length: number,
    isTruncated: boolean,
  ): void {
    if (this.#badName !== '') raise(this.#isOtlp ? 'bad-request' : 'internal', this.#badName);
    const builder = this.#builder;
    if (isTruncated) this.#addTruncated(lineStart, length);
    else builder.addLine(this.#source, lineStart, lineStart + length);
    if (this.#discoverLevels && !this.#hasDetectedLevel) this.#addLevel(stream);
    if (this.#hasDeadPairs) builder.compactRow();
    const time = this.#spaced?.next(seconds, nanos, () => this.#repeatsLine());
    builder.endRow(time?.seconds ?? seconds, time?.nanos ?? nanos);
    this.acceptedLines++;
    this.acceptedBytes += length + this.#pairBytes;
  }

  #addTruncated(lineStart: number, length: number): void {
    const mark = this.#truncationMark;
    const kept = Math.max(0, length - mark.bytes.length);
    this.#builder.addLine(this.#source, lineStart, lineStart + kept);
    this.#builder.addLine(mark, 0, length - kept);
  }

  /** From the stream's labels, else from the metadata, else from the severity number, else from the line. */
  #addLevel(stream: StreamLabels): void {
    const builder = this.#builder;
    let value: ByteRun;
    if (stream.level !== null) value = stream.level;
    else if (this.#levelPair !== -1) value = this.#levelOfPair(this.#levelPair);
    else if (this.#severityPair !== -1) value = LEVEL_BYTES[levelOfSeverityNumber(this.#pairText(this.#severityPair))]!;
    else {
      const start = builder.messageOffsets[builder.rows]!;
      value = LEVEL_BYTES[this.#memory.levels.detect(builder.messages.bytes, start, builder.messageBytes)]!;
    }
    this.#place(this.#detectedLevel, false);
    builder.addPair(this.#detectedLevel.id, value, 0, value.bytes.length);
  }

  #levelOfPair(pair: number): ByteRun {
    const { pairOffsets, metadata } = this.#builder;
    const start = pairOffsets[pair]!;
    const end = pairOffsets[pair + 1]!;
    const level = levelOf(metadata.bytes, start, end);
    return level === NO_LEVEL ? byteRun(metadata.bytes.slice(start, end)) : LEVEL_BYTES[level]!;
  }

  #pairText(pair: number): string {
    const { pairOffsets, metadata } = this.#builder;
    return Buffer.from(metadata.bytes.subarray(pairOffsets[pair]!, pairOffsets[pair + 1]!)).toString('latin1');
  }

  /** Whether the open row's line equals the one before; only called where there is one before. */
  #repeatsLine(): boolean {
    const { rows, messageOffsets, messageBytes, messages } = this.#builder;
    const start = messageOffsets[rows]!;
    const before = messageOffsets[rows - 1]!;
    const length = messageBytes - start;
    return length === start - before && equalBytes(messages.view, start, messages.view, before, length);
  }
}
