import { expect, it } from 'vitest';
import { IndexWarmer } from './index-warmer.js';
import type { TocEntry } from './types.js';
import { parseWindowName } from './window.js';

/** A metastore whose objects, two in each table, take a byte each when they are open. */
class Store {
  readonly opened: string[] = [];
  pauses = 0;
  residentBytes = 0;
  failing: string | undefined;
  readonly tables: readonly string[];

  constructor(tables: readonly string[]) {
    this.tables = tables;
  }

  async *iter(folder: string): AsyncIterable<string> {
    for (const table of this.tables) yield `${folder}/${table}`;
  }

  async entries(tenant: string, { start }: { readonly start: bigint }) {
    const window = new Date(Number(start / 1_000_000n)).toISOString().slice(0, 13);
    const entries = [1, 2].map((i) => ({ path: `${tenant}/${window}/${i}` }) as TocEntry);
    return { entries, damaged: [] };
  }

  async prepare(path: string, pause: () => Promise<void>): Promise<void> {
    await pause();
    if (path === this.failing) throw new Error('gone');
    this.opened.push(path);
    this.residentBytes++;
  }
}

function warmerOf(store: Store, bytesMax = 100): IndexWarmer {
  const pause = async (): Promise<void> => {
    store.pauses++;
  };
  return new IndexWarmer({ bucket: store, metastore: store, pause, bytesMax });
}

const TABLES = ['a/2026-11-01T00Z.toc', 'a/2026-11-01T12Z.toc', 'b/c/2026-11-02T00Z.toc', 'a/no-table'];

it('opens the newest objects first, of every tenant, with pauses', async () => {
  expect(parseWindowName('2026-11-01T00Z')).toBeDefined();
  const store = new Store(TABLES);
  await warmerOf(store).start();
  expect(store.opened).toEqual([
    ...['b/c/2026-11-02T00/1', 'b/c/2026-11-02T00/2'],
    ...['a/2026-11-01T12/1', 'a/2026-11-01T12/2', 'a/2026-11-01T00/1', 'a/2026-11-01T00/2'],
  ]);
  expect(store.pauses).toBe(6);
});

it('opens the newest of very many tables, wherever they are in the list', async () => {
  const day = (i: number) => new Date(Date.UTC(2015, 0, 1 + i)).toISOString().slice(0, 10);
  const old = Array.from({ length: 2500 }, (_, i) => `a/${day(i)}T00Z.toc`);
  const store = new Store([...old.slice(0, 10), ...TABLES, ...old.slice(10)]);
  await warmerOf(store, 4).start();
  expect(store.opened.slice(0, 3)).toEqual([...['b/c/2026-11-02T00/1', 'b/c/2026-11-02T00/2'], 'a/2026-11-01T12/1']);
});

it('opens no more than fits', async () => {
  const store = new Store(TABLES);
  await warmerOf(store, 3).start();
  expect(store.opened).toEqual(['b/c/2026-11-02T00/1', 'b/c/2026-11-02T00/2', 'a/2026-11-01T12/1']);
});

it('opens what is stored later, and goes on behind an object that cannot be read', async () => {
  const store = new Store([]);
  store.failing = 'y';
  const warmer = warmerOf(store);
  await warmer.start();
  for (const path of ['x', 'y', 'z']) warmer.add(path);
  await new Promise((resolve) => setImmediate(resolve));
  warmer.add('w');
  await new Promise((resolve) => setImmediate(resolve));
  expect(store.opened).toEqual(['x', 'z', 'w']);
});

it('opens nothing more once it is closed', async () => {
  const store = new Store(TABLES);
  const warmer = warmerOf(store);
  const started = warmer.start();
  warmer.close();
  warmer.add('x');
  await started;
  expect(store.opened).toEqual([]);
});
