/**
 * The object store interface. Objects are whole: a reader sees an object's old bytes or its new ones, never a mixture, and
 * an upload that has returned survives a crash of this process and of the machine (as far as the backend can promise).
 *
 * Names are `/`-separated, relative, without empty, `.` or `..` segments. A missing object is a FaultError `not-found`,
 * a full store one `storage-full`.
 */
import { raise } from '../../wire/fault.js';
import type { RangeReader } from '../dataobj/types.js';

export interface ObjectAttributes {
  /** In bytes. */
  readonly size: number;
  /** Changes whenever the object does; opaque. */
  readonly version: string;
}

export interface Bucket {
  /** Creates or replaces. */
  upload(name: string, bytes: Uint8Array): Promise<void>;
  get(name: string): Promise<Uint8Array>;
  /**
   * The bytes from `offset` on; fewer than `length` where the object ends before. For objects that nobody replaces: what
   * another process has replaced or deleted may be seen as it was for some seconds.
   */
  getRange(name: string, offset: number, length: number): Promise<Uint8Array>;
  /** See `RangeReader`. */
  readonly gapBytes?: number;
  exists(name: string): Promise<boolean>;
  /** Deleting what is not there is fine: a delete may be repeated. */
  delete(name: string): Promise<void>;
  /** Names of all objects whose name starts with the given segments (`a/b`, or `` for all), in ascending order. */
  iter(directory: string): AsyncIterable<string>;
  attributes(name: string): Promise<ObjectAttributes>;
  /** Compare-and-swap; undefined where the store cannot. */
  readonly conditional: ConditionalUpload | undefined;
}

export interface VersionedObject {
  readonly bytes: Uint8Array;
  readonly version: string;
}

export interface ConditionalUpload {
  /** The object together with its version; null when there is none. */
  get(name: string): Promise<VersionedObject | null>;
  /**
   * Replaces the object only if its version is still `expected` (null: only if there is none). Resolves to the new
   * version, or to null when someone else was faster.
   */
  upload(name: string, bytes: Uint8Array, expected: string | null): Promise<string | null>;
}

/** Reads ranges of one object. */
export function bucketReader(bucket: Bucket, name: string, size: number): RangeReader {
  const { gapBytes } = bucket;
  return { size, gapBytes, read: (offset, length) => bucket.getRange(name, offset, length) };
}

const NAME_BYTES_MAX = 1024;

/** Refuses names that mean another place on some backend. Throws a FaultError `bad-request`. */
export function checkName(name: string): void {
  if (Buffer.byteLength(name) > NAME_BYTES_MAX || !name.split('/').every(isSegment)) {
    raise('bad-request', `not an object name: ${JSON.stringify(name.slice(0, 200))}`);
  }
}

/** As `checkName`, for a directory to list: the empty one is the whole bucket. */
export function checkDirectory(directory: string): void {
  if (directory !== '') checkName(directory);
}

function isSegment(segment: string): boolean {
  return segment !== '' && segment !== '.' && segment !== '..' && !/[\\\u0000-\u001f]/.test(segment);
}

export function missing(name: string): never {
  raise('not-found', `no object ${name}`);
}
