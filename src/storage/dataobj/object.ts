/** An open data object: metadata checked, parts read when asked for and kept. */
import { CorruptObject } from '../corrupt.js';
import { type Container, openContainer, type SectionEntry, type SectionType } from './container.js';
import { LogsReader } from './logs/reader.js';
import type { PageCache } from './page-cache.js';
import { openPointers, type SectionPointers } from './pointers/pointers.js';
import { openStreams, type Streams } from './streams/streams.js';
import type { ObjectHandle, ObjectSource, RangeReader } from './types.js';

/** A tail and some metadata, before any part is read. */
const OPEN_BYTES = 96 << 10;

/** Reads the object's tail and checks its metadata. `pages`: where pages of it may be kept. Throws CorruptObject. */
export async function openObject(reader: RangeReader, path: string, pages?: PageCache): Promise<DataObject> {
  const container = await openContainer(reader, path);
  const logs = entriesOf(container, 'logs');
  const pointers = entriesOf(container, 'pointers');
  const streams = entriesOf(container, 'streams');
  if (pointers.length !== logs.length || streams.length !== 1) {
    throw new CorruptObject('sections do not match each other', { path, part: 'metadata' });
  }
  return new DataObject(container, path, { logs, pointers, streams: streams[0]! }, pages);
}

function entriesOf(container: Container, type: SectionType): SectionEntry[] {
  return container.sections.filter((section) => section.type === type);
}

export interface ObjectEntries {
  readonly logs: readonly SectionEntry[];
  readonly pointers: readonly SectionEntry[];
  readonly streams: SectionEntry;
}

export class DataObject implements ObjectHandle {
  readonly path: string;
  readonly container: Container;
  readonly entries: ObjectEntries;
  readonly #pointers = new Map<number, Promise<SectionPointers>>();
  readonly #readers = new Map<number, LogsReader>();
  readonly #open: { residentBytes: number }[] = [];
  readonly #pages: PageCache | undefined;
  #streams: Promise<Streams> | undefined;

  constructor(container: Container, path: string, entries: ObjectEntries, pages?: PageCache) {
    this.container = container;
    this.path = path;
    this.entries = entries;
    this.#pages = pages;
  }

  get size(): number {
    return this.container.reader.size;
  }

  get tenant(): string {
    return this.container.tenant;
  }

  get source(): ObjectSource {
    return this.container.source;
  }

  get sections(): number {
    return this.entries.logs.length;
  }

  get residentBytes(): number {
    return this.#open.reduce((sum, part) => sum + part.residentBytes, OPEN_BYTES);
  }

  streams(): Promise<Streams> {
    if (this.#streams === undefined) {
      const place = { path: this.path, part: 'streams' };
      this.#streams = this.#keep(openStreams(this.container, this.entries.streams, place));
      this.#streams.catch(() => {
        this.#streams = undefined;
      });
    }
    return this.#streams;
  }

  pointers(section: number): Promise<SectionPointers> {
    let pointers = this.#pointers.get(section);
    if (pointers === undefined) {
      const logs = this.entries.logs[section];
      const entry = this.entries.pointers[section];
      const place = { path: this.path, part: 'pointers', section };
      if (logs === undefined || entry === undefined) return Promise.reject(new CorruptObject('no such section', place));
      pointers = this.#keep(openPointers(this.container, entry, logs, place));
      this.#pointers.set(section, pointers);
      pointers.catch(() => this.#pointers.delete(section));
    }
    return pointers;
  }

  async section(section: number): Promise<LogsReader> {
    const pointers = await this.pointers(section);
    let reader = this.#readers.get(section);
    if (reader === undefined) {
      const place = { path: this.path, part: 'logs', section };
      const { offset } = this.entries.logs[section]!;
      reader = new LogsReader(pointers, this.container.reader, offset, place, this.#pages?.ofSection());
      this.#readers.set(section, reader);
      this.#open.push(reader);
    }
    return reader;
  }

  async #keep<T extends { residentBytes: number }>(part: Promise<T>): Promise<T> {
    const open = await part;
    this.#open.push(open);
    return open;
  }
}
