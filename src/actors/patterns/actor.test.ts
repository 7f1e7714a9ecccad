import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { entriesOf, type Row } from '../../../test/support/entries.js';
import type { Message, Reply } from '../../wire/message.js';
import type { PatternsRequest } from '../../wire/query.js';
import type { Clock } from '../runtime/clock.js';
import { LocalRouter } from '../runtime/router-local.js';
import { Patterns } from './actor.js';
import { DEFAULT_PATTERN_SETTINGS, type PatternSettings } from './settings.js';

const NOW = 1_700_000_000n * 1_000_000_000n;
const HOUR = 3_600_000_000_000n;

/** Time that stands still but for what a test lets happen. */
class ManualClock implements Clock {
  time = NOW;
  readonly #tasks = new Set<{ readonly delayMs: number; readonly run: () => void }>();

  now(): bigint {
    return this.time;
  }

  monotonicMs(): number {
    return Number(this.time / 1_000_000n);
  }

  after(delayMs: number, run: () => void): () => void {
    const task = { delayMs, run };
    this.#tasks.add(task);
    return () => this.#tasks.delete(task);
  }

  /** Runs what waits for at most so long. */
  run(delayMs: number): void {
    for (const task of [...this.#tasks]) if (task.delayMs <= delayMs && this.#tasks.delete(task)) task.run();
  }

  get waiting(): number {
    return this.#tasks.size;
  }
}

let clock: ManualClock;
let router: LocalRouter;
let patterns: Patterns;
let logged: string[];

function start(settings: Partial<PatternSettings> = {}): void {
  patterns?.close();
  clock = new ManualClock();
  logged = [];
  router = new LocalRouter({ clock: { ...clock, now: () => NOW, monotonicMs: () => 0, after: () => () => undefined } });
  const parts = { router, clock, log: (message: string) => logged.push(message) };
  patterns = new Patterns('patterns/0', parts, { ...DEFAULT_PATTERN_SETTINGS, ...settings });
}

beforeEach(() => start());
afterEach(() => patterns.close());

const ask = (message: Message): Promise<Reply> => router.ask('test', 'patterns/0', message, { timeoutMs: 1000 });
const learn = (batch: SharedArrayBuffer): void => router.tell('test', 'patterns/0', { kind: 'patterns.learn', batch });
const batchOf = (app: string, rows: readonly Row[], tenant = 't'): SharedArrayBuffer =>
  entriesOf({ [`{app="${app}", env="prod"}`]: rows }, tenant).buffer;

function asked(request: Partial<PatternsRequest> = {}): Promise<Reply> {
  const all = { tenant: 't', selector: '{env="prod"}', start: NOW - HOUR, end: NOW + 1n, stepNs: 10e9 };
  return ask({ kind: 'patterns', request: { ...all, ...request } });
}

const metric = (name: string): number =>
  patterns.observe().find((each) => each.name === `loki_pattern_ingester_${name}`)!.value;

describe('patterns', () => {
  it('of everything told before are in the answer', async () => {
    learn(batchOf('a', [[NOW, 'user 1 came']]));
    learn(batchOf('b', [[NOW - 60_000_000_000n, 'user 2 came']]));
    learn(batchOf('a', [[NOW, 'user 3 came']]));
    expect(await asked()).toEqual({
      kind: 'patterns',
      patterns: [
        { pattern: 'user <_> came', level: 'unknown', samples: [[1_700_000_000, 2]] },
        { pattern: 'user 2 came', level: 'unknown', samples: [[1_699_999_940, 1]] },
      ],
    });
  });

  it('are those of the streams selected', async () => {
    learn(batchOf('a', [[NOW, 'from a']]));
    learn(batchOf('b', [[NOW, 'from b']]));
    const of = async (selector: string) => {
      const reply = await asked({ selector });
      return reply.kind === 'patterns' ? reply.patterns.map(({ pattern }) => pattern) : reply;
    };
    expect(await of('{app="a"}')).toEqual(['from a']);
    expect(await of('{app=~".+", app!="a"}')).toEqual(['from b']);
    expect(await of('{env="prod", app!~"a|b"}')).toEqual([]);
  });

  it('of one tenant are not told another', async () => {
    learn(batchOf('a', [[NOW, 'a secret']], 'other'));
    expect(await asked()).toEqual({ kind: 'patterns', patterns: [] });
  });

  it('of several tenants are added up, of those that the selector allows', async () => {
    for (const tenant of ['t', 'other', 'third']) learn(batchOf('a', [[NOW, 'told by all']], tenant));
    const lines = async (selector: string) => {
      const reply = await asked({ tenant: 'other|t', selector });
      return reply.kind === 'patterns' ? reply.patterns.map(({ samples }) => samples[0]![1]) : reply;
    };
    expect(await lines('{env="prod"}')).toEqual([2]);
    expect(await lines('{env="prod", __tenant_id__=~"t|third"}')).toEqual([1]);
  });

  it('have the steps that are asked for, in whole intervals', async () => {
    const rows = [0n, 10n, 20n, 30n].map((seconds): Row => [NOW - 40_000_000_000n + seconds * 1_000_000_000n, 'text']);
    learn(batchOf('a', rows));
    const reply = await asked({ stepNs: 25e9 });
    expect(reply).toMatchObject({
      patterns: [
        {
          samples: [
            [1_699_999_960, 2],
            [1_699_999_980, 2],
          ],
        },
      ],
    });
  });

  it.each([
    ['{app="a"} |= "x"', 'only label matchers are supported'],
    ['{app=', 'parse error'],
    ['{}', 'queries require at least one'],
  ])('are not told for %s', async (selector, message) => {
    const reply = await asked({ selector });
    expect(reply).toMatchObject({ kind: 'fault', fault: { code: 'bad-request' } });
    expect(reply.kind === 'fault' && reply.fault.message).toContain(message);
  });

  it('are forgotten after a while', async () => {
    learn(batchOf('a', [[NOW, 'text']]));
    await asked();
    expect(metric('clusters')).toBe(1);
    clock.time += 4n * HOUR;
    clock.run(60_000);
    expect([metric('clusters'), metric('streams'), metric('memory_bytes')]).toEqual([0, 0, 0]);
  });
});

describe('batches', () => {
  it('are looked at later, when others have had their turn', async () => {
    learn(batchOf('a', [[NOW, 'text']]));
    await Promise.resolve();
    expect(metric('lines_total')).toBe(0);
    clock.run(0);
    expect([metric('lines_total'), metric('lines_sampled_total'), metric('streams')]).toEqual([1, 1, 1]);
  });

  it.each([{ queueBatchesMax: 2 }, { queueBytesMax: 2 * batchOf('a', [[NOW, 'text']]).byteLength }])(
    'are skipped when too many wait: %j',
    async (settings) => {
      start(settings);
      for (let i = 0; i < 5; i++) learn(batchOf('a', [[NOW, 'text']]));
      await Promise.resolve();
      expect(metric('batches_skipped_total')).toBe(3);
      clock.run(0);
      expect(metric('lines_total')).toBe(2);
      learn(batchOf('a', [[NOW, 'text']]));
      await Promise.resolve();
      clock.run(0);
      expect(metric('lines_total')).toBe(3);
    },
  );

  it('that make no sense are reported, and others looked at all the same', async () => {
    learn(new SharedArrayBuffer(64));
    learn(batchOf('a', [[NOW, 'text']]));
    expect(await asked()).toMatchObject({ patterns: [{ pattern: 'text' }] });
    expect(logged).toHaveLength(1);
  });
});

it('other questions are refused', async () => {
  expect(await ask({ kind: 'flush' })).toMatchObject({ kind: 'fault', fault: { code: 'bad-request' } });
});

it('nothing waits any more once it is closed', async () => {
  learn(batchOf('a', [[NOW, 'text']]));
  await Promise.resolve();
  patterns.close();
  expect(clock.waiting).toBe(0);
  expect(await asked()).toMatchObject({ fault: { code: 'unavailable' } });
});
