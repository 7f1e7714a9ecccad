import { ByteCache } from '../../wire/byte-cache.js';
import { type ByteRun, equalBytes } from '../../wire/byte-copy.js';
import { quoteGo } from '../../wire/labels.js';

const CACHED_NAMES = 4096;
const CACHED_BYTES = 1024 * 1024;
/** Names are also kept by text; beyond this many the table starts again with the next request. */
const KEPT_NAMES = 16384;

export const DETECTED_LEVEL = 'detected_level';
const SEVERITY_NUMBER = 'severity_number';

/** A structured metadata key as it is stored, with what the request being decoded knows of it. */
export class MetadataKey {
  readonly name: string;
  /** Place among the fields that may hold a level, lower first; -1 for other keys. */
  readonly levelRank: number;
  readonly isDetectedLevel: boolean;
  readonly isSeverityNumber: boolean;
  /** The batch for which `id` is the key's index. */
  batch = -1;
  id = 0;
  /** The last entry that had the key, where its pair is, and whether that came from a name that had to be changed. */
  entry = -1;
  pair = 0;
  pairChanged = false;
  /** Among the keys of `PlainEntries`. */
  place = 0;

  constructor(name: string, levelRank: number) {
    this.name = name;
    this.levelRank = levelRank;
    this.isDetectedLevel = name === DETECTED_LEVEL;
    this.isSeverityNumber = name === SEVERITY_NUMBER;
  }
}

/** A name as it was sent, and what became of it. */
export class MetadataName {
  readonly key: MetadataKey;
  readonly changed: boolean;
  /** Why no key can be made of the name, or ''. */
  readonly problem: string;
  /** What was sent, from the second time on that it was sent: many names only ever come once. */
  bytes: DataView | null = null;
  /** The name that came after this one the last time: most entries have the same names in the same order. */
  next: MetadataName | null = null;
  /** When `PlainEntries` came to know it. */
  learnt = 0;

  constructor(sent: string, key: MetadataKey) {
    this.key = key;
    this.changed = key.name !== sent;
    this.problem = nameProblem(sent, key.name);
  }
}

/** Recognises metadata names by their bytes. */
export class MetadataNames {
  readonly #levelFields: readonly string[];
  readonly #cache = new ByteCache<MetadataName>(CACHED_NAMES, CACHED_BYTES);
  readonly #names = new Map<string, MetadataName>();
  readonly #keys = new Map<string, MetadataKey>();
  /** Changes when names and keys are others than before. */
  generation = 0;
  /** Stands before the first name of an entry. */
  readonly first = new MetadataName('', new MetadataKey('', -1));

  constructor(levelFields: readonly string[]) {
    this.#levelFields = levelFields;
  }

  /** Between requests: forgets everything where it had become too much. */
  trim(): void {
    if (this.#names.size <= KEPT_NAMES) return;
    this.#names.clear();
    this.#keys.clear();
    this.#cache.clear();
    this.first.next = null;
    this.generation++;
  }

  key(name: string): MetadataKey {
    const known = this.#keys.get(name);
    if (known !== undefined) return known;
    const key = new MetadataKey(name, this.#levelFields.indexOf(name));
    this.#keys.set(name, key);
    return key;
  }

  /** The name in the range, which in the same entry comes after `previous`. */
  name(previous: MetadataName, from: ByteRun, start: number, end: number): MetadataName {
    const length = end - start;
    const expected = previous.next;
    const bytes = expected?.bytes;
    if (bytes && bytes.byteLength === length && equalBytes(bytes, 0, from.view, start, length)) return expected;
    const known = this.#cache.get(from.view, start, end);
    if (known === undefined) return this.#learn(from, start, end);
    // Not `slice`, which for a Buffer is a view of the request it came in.
    known.bytes ??= new DataView(Uint8Array.from(from.bytes.subarray(start, end)).buffer);
    previous.next = known;
    return known;
  }

  #learn(from: ByteRun, start: number, end: number): MetadataName {
    const sent = Buffer.from(from.bytes.buffer, from.bytes.byteOffset + start, end - start).toString('utf8');
    let name = this.#names.get(sent);
    if (name === undefined) {
      name = new MetadataName(sent, this.key(normalizeName(sent)));
      this.#names.set(sent, name);
    }
    this.#cache.put(from, start, end, name);
    return name;
  }
}

/**
 * A metadata name in Prometheus form, as OpenTelemetry translates attribute names: what is not a letter or digit becomes
 * `_`, runs of `_` become one, a leading digit gets `key_` in front, and `__x__` keeps its double underscores.
 */
export function normalizeName(name: string): string {
  const reserved = name.length >= 4 && name.startsWith('__') && name.endsWith('__');
  const collapsed = (reserved ? name.slice(2, -2) : name).replace(/[^a-zA-Z0-9]+/g, '_');
  if (reserved) return `__${collapsed}__`;
  return /^[0-9]/.test(collapsed) ? `key_${collapsed}` : collapsed;
}

/** Why no name can be made of what was sent, or ''. */
export function nameProblem(sent: string, normal: string): string {
  if (sent === '') return 'label name is empty';
  if (!/^_+$/.test(normal)) return '';
  return `normalization for label name ${quoteGo(sent)} resulted in invalid name ${quoteGo(normal)}`;
}

/** The bytes with a space for every byte that is not UTF-8 and for every U+FFFD, which cannot be told from such a byte. */
export function withoutInvalidUtf8(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; ) {
    const width = runeWidth(bytes, at, bytes.length);
    if (width === 0 || isReplacement(bytes, at)) {
      out[length++] = 0x20;
      at += width === 0 ? 1 : 3;
      continue;
    }
    for (let i = 0; i < width; i++) out[length++] = bytes[at++]!;
  }
  return out.subarray(0, length);
}

/** Whether `withoutInvalidUtf8` would change the range. */
export function hasInvalidUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; ) {
    const width = runeWidth(bytes, at, end);
    if (width === 0 || isReplacement(bytes, at)) return true;
    at += width;
  }
  return false;
}

function isReplacement(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0xef && bytes[at + 1] === 0xbf && bytes[at + 2] === 0xbd;
}

/** Length of the valid UTF-8 sequence at `at`, or 0 (Unicode 15, table 3-7). */
function runeWidth(bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at]!;
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const width = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (at + width > end) return 0;
  const second = bytes[at + 1]!;
  const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (let i = 2; i < width; i++) if ((bytes[at + i]! & 0xc0) !== 0x80) return 0;
  return width;
}
