import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../wire/limits.js';
import { LimitsBook } from './limits-book.js';
import { watchRuntimeConfig } from './runtime-config-node.js';

let folder: string;
let book: LimitsBook;
const log = pino({ enabled: false });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'skald-runtime-'));
  book = new LimitsBook(DEFAULT_LIMITS);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const watch = (text: string | undefined) => {
  const file = join(folder, 'runtime.yaml');
  if (text !== undefined) writeFileSync(file, text);
  return watchRuntimeConfig({ file, period: 3_600_000 }, book, log);
};

describe('the runtime configuration', () => {
  it('is in force when the server starts', async () => {
    const unwatch = await watch('overrides: {a: {max_query_series: 7}}');
    expect(book.of('a').max_query_series).toBe(7);
    unwatch();
  });

  it('keeps the server from starting where it is wrong or not there', async () => {
    await expect(watch('overrides: {a: {max_query_series: -1}}')).rejects.toThrow(
      'overrides.a.max_query_series: must be',
    );
    rmSync(folder, { recursive: true });
    await expect(watch(undefined)).rejects.toThrow(/^runtime_config\.file .*runtime\.yaml: no such file$/);
  });

  it('need not be there at all', async () => {
    const unwatch = await watchRuntimeConfig({ file: '', period: 1 }, book, log);
    expect(book.of('a')).toBe(DEFAULT_LIMITS);
    unwatch();
  });
});
