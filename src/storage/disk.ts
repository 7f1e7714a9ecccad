/**
 * One folder of flat files, as far as a log needs one. The promises are those of a POSIX disk and no more: what is
 * written or created is certain to outlive a crash only after the matching sync has resolved.
 *
 * Every method rejects with a `NodeJS.ErrnoException` (`code` is `ENOSPC`, `EIO`, ...).
 */
export interface Disk {
  /** Names of the files in the folder, sorted by code unit. */
  list(): Promise<readonly string[]>;
  /** Creates an empty file; rejects when the name is taken. */
  create(name: string): Promise<WritableFile>;
  /** Opens a file to write over what it holds. */
  overwrite(name: string): Promise<WritableFile>;
  /** The whole file; in the memory of `into` if it is large enough for it. */
  read(name: string, into?: Buffer): Promise<Buffer>;
  /** Atomic; replaces what has the new name. Needs no free space. */
  rename(from: string, to: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** Makes creations, renames and removals durable. */
  syncFolder(): Promise<void>;
}

export interface WritableFile {
  /** Writes all parts, one behind the other, from `offset` on. After a rejection any prefix of their bytes may have been written. */
  write(parts: readonly Uint8Array[], offset: number): Promise<void>;
  /**
   * What was written before the call is durable when this resolves. After a rejection nothing is known about bytes
   * that were not yet synced, and a second sync proves nothing either: the kernel may have dropped them.
   */
  sync(): Promise<void>;
  truncate(length: number): Promise<void>;
  close(): Promise<void>;
}

/** The errno name of a failed disk operation, or its message when it has none. */
export function diskErrorCode(error: unknown): string {
  if (error instanceof Error) return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
  return String(error);
}
