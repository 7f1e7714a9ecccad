import type { Disk, WritableFile } from '../../src/storage/disk.js';

export type DiskOperation =
  | 'list'
  | 'create'
  | 'overwrite'
  | 'read'
  | 'rename'
  | 'remove'
  | 'syncFolder'
  | 'write'
  | 'sync'
  | 'truncate'
  | 'close';

/** Uniform in [0, 1). */
export type Chance = () => number;

interface SimFile {
  cached: Buffer;
  /** What a crash certainly keeps. */
  durable: Buffer;
}

/** Lets an operation happen: at once, or when a scheduler picks it. */
export type Perform = <T>(label: string, work: () => T) => Promise<T>;

const BLOCK = 512;

/**
 * A disk in memory that is as bad as a disk may be. Contents and folder entries survive a crash for certain only when
 * synced; what was not may survive in part, torn anywhere, with blocks of zeros. It can be full, fail on demand and rot.
 */
export class SimDisk implements Disk {
  /** Bytes that fit on it. */
  capacity = Number.POSITIVE_INFINITY;
  /** Says that it has synced, and has not. */
  lies = false;
  /** Returns an errno to make an operation fail before it does anything. */
  fault: (operation: DiskOperation, name: string) => string | undefined = () => undefined;
  /** Operations so far, e.g. `sync wal-0000000000000001.wal`. */
  readonly log: string[] = [];
  /** How operations come to happen; whoever restarts a process gives the disk to the next. */
  perform: Perform;
  #files: Map<string, SimFile>;
  #durableEntries: Map<string, SimFile>;

  constructor(perform: Perform = async (_, work) => work(), files = new Map<string, SimFile>()) {
    this.perform = perform;
    this.#files = files;
    this.#durableEntries = new Map(files);
  }

  list(): Promise<readonly string[]> {
    return this.#do('list', '', () => this.names());
  }

  create(name: string): Promise<WritableFile> {
    return this.#do('create', name, () => {
      if (this.#files.has(name)) throw diskError('EEXIST', name);
      const file: SimFile = { cached: Buffer.alloc(0), durable: Buffer.alloc(0) };
      this.#files.set(name, file);
      return this.#open(name, file);
    });
  }

  overwrite(name: string): Promise<WritableFile> {
    return this.#do('overwrite', name, () => this.#open(name, this.#file(name)));
  }

  read(name: string): Promise<Buffer> {
    return this.#do('read', name, () => Buffer.from(this.#file(name).cached));
  }

  rename(from: string, to: string): Promise<void> {
    return this.#do('rename', from, () => {
      const file = this.#file(from);
      this.#files.delete(from);
      this.#files.set(to, file);
    });
  }

  remove(name: string): Promise<void> {
    return this.#do('remove', name, () => {
      this.#file(name);
      this.#files.delete(name);
    });
  }

  syncFolder(): Promise<void> {
    return this.#do('syncFolder', '', () => {
      this.#durableEntries = new Map(this.#files);
    });
  }

  names(): readonly string[] {
    return [...this.#files.keys()].sort();
  }

  bytes(name: string): Buffer {
    return this.#file(name).cached;
  }

  /** Replaces a file, durably. */
  put(name: string, bytes: Buffer): void {
    const file = { cached: bytes, durable: bytes };
    this.#files.set(name, file);
    this.#durableEntries.set(name, file);
  }

  flip(name: string, offset: number, bit = 0): void {
    const bytes = Buffer.from(this.#file(name).cached);
    bytes[offset] = bytes[offset]! ^ (1 << bit);
    this.put(name, bytes);
  }

  used(): number {
    return [...this.#files.values()].reduce((sum, file) => sum + file.cached.length, 0);
  }

  /** The disk as the next process finds it. Without a `chance` only what was synced is left. */
  crash(chance?: Chance, perform: Perform = this.perform): SimDisk {
    const left = new Map<string, SimFile>();
    for (const name of [...new Set([...this.#durableEntries.keys(), ...this.#files.keys()])].sort()) {
      const [before, after] = [this.#durableEntries.get(name), this.#files.get(name)];
      const file = before === after || (chance && chance() < 0.5) ? after : before;
      if (!file) continue;
      const bytes = survivor(file, chance);
      left.set(name, { cached: bytes, durable: bytes });
    }
    const disk = new SimDisk(perform, left);
    disk.capacity = this.capacity;
    disk.lies = this.lies;
    return disk;
  }

  #open(name: string, file: SimFile): WritableFile {
    return {
      write: (parts, offset) =>
        this.#do('write', name, () => {
          this.#write(name, file, Buffer.concat(parts.map((part) => Buffer.from(part))), offset);
        }),
      sync: () =>
        this.#do('sync', name, () => {
          if (!this.lies) file.durable = file.cached;
        }),
      truncate: (length) =>
        this.#do('truncate', name, () => {
          file.cached = file.cached.subarray(0, length);
        }),
      close: () => this.#do('close', name, () => undefined),
    };
  }

  #write(name: string, file: SimFile, bytes: Buffer, offset: number): void {
    const room = Math.max(0, this.capacity - this.used()) + file.cached.length - offset;
    const written = bytes.subarray(0, Math.max(0, room));
    const behind = file.cached.subarray(offset + written.length);
    file.cached = Buffer.concat([file.cached.subarray(0, offset), written, behind]);
    if (written.length < bytes.length) throw diskError('ENOSPC', name);
  }

  #do<T>(operation: DiskOperation, name: string, work: () => T): Promise<T> {
    return this.perform(`${operation} ${name}`.trim(), () => {
      this.log.push(`${operation} ${name}`.trim());
      const code = this.fault(operation, name);
      if (code !== undefined) throw diskError(code, name);
      return work();
    });
  }

  #file(name: string): SimFile {
    const file = this.#files.get(name);
    if (!file) throw diskError('ENOENT', name);
    return file;
  }
}

function survivor({ cached, durable }: SimFile, chance?: Chance): Buffer {
  if (!chance) return durable;
  if (cached.length < durable.length) return chance() < 0.5 ? cached : durable;
  const kept = durable.length + Math.floor(chance() * (cached.length - durable.length + 1));
  const bytes = Buffer.from(cached.subarray(0, kept));
  for (let at = durable.length; at < kept; at += BLOCK) {
    if (chance() < 0.2) bytes.fill(0, at, Math.min(at + BLOCK, kept));
  }
  keepSomeBlocks(bytes, durable, chance);
  return bytes;
}

/** Of what was written over, blocks may be as they were before. */
function keepSomeBlocks(bytes: Buffer, durable: Buffer, chance: Chance): void {
  const changed = firstDifference(bytes, durable);
  if (changed === durable.length) return;
  const torn = changed + Math.floor(chance() * (durable.length - changed + 1));
  durable.copy(bytes, torn, torn);
  for (let at = changed - (changed % BLOCK); at < torn; at += BLOCK) {
    if (chance() < 0.2) durable.copy(bytes, at, at, Math.min(at + BLOCK, torn));
  }
}

function firstDifference(bytes: Buffer, durable: Buffer): number {
  let at = 0;
  while (at < durable.length && bytes[at] === durable[at]) at++;
  return at;
}

function diskError(code: string, name: string): Error {
  return Object.assign(new Error(`${code}: ${name}`), { code });
}
