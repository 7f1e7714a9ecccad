import { describe, expect, it } from 'vitest';
import type { TestRow } from '../../../test/support/build-input.js';
import { QuerySystem, requestOf, SECOND, type Step, T0, TENANT } from '../../../test/support/query-system.js';
import { tocPath } from '../../storage/metastore/toc.js';
import { windowOf } from '../../storage/metastore/window.js';
import type { QueryAnswer } from '../../wire/query.js';

function rows(from: number, to: number, app = 'x'): TestRow[] {
  return Array.from({ length: to - from }, (_, i) => ({
    labels: { app },
    time: T0 + BigInt(from + i) * SECOND,
    line: `line ${from + i}`,
  }));
}

function linesOf({ result }: QueryAnswer): string[] {
  if (result.type !== 'streams') throw new Error(`not streams: ${result.type}`);
  return result.streams.flatMap(({ entries }) => entries.map(({ line }) => line));
}

const lines = (from: number, to: number): string[] => rows(from, to).map(({ line }) => line);

async function withBoth(): Promise<QuerySystem> {
  const system = new QuerySystem();
  system.push(rows(0, 10));
  await system.flush();
  system.push(rows(10, 20));
  return system;
}

describe('an answer', () => {
  it('joins memory and objects, newest first', async () => {
    const system = await withBoth();
    expect(linesOf(await system.ask('{app="x"}'))).toEqual(lines(0, 20).reverse());
    expect(linesOf(await system.ask('{app="x"}', { limit: 12 }))).toEqual(lines(8, 20).reverse());
    expect(linesOf(await system.ask('{app="x"}', { limit: 12, direction: 'forward' }))).toEqual(lines(0, 12));
  });

  it('counts every row of both', async () => {
    const system = await withBoth();
    const { result, stats } = await system.ask('count_over_time({app="x"}[1h])', {
      mode: 'instant',
      start: T0 + 60n * SECOND,
    });
    expect(result).toEqual({
      type: 'vector',
      samples: [{ labels: [['app', 'x']], timeMs: Number(T0 / 1_000_000n) + 60_000, value: 20 }],
    });
    expect(stats).toMatchObject({ liveRows: 10, sections: 2, entriesReturned: 1 });
  });

  it('of a range query is a matrix at multiples of the step', async () => {
    const system = await withBoth();
    const { result } = await system.ask('sum(count_over_time({app="x"}[10s]))', {
      start: T0 + 3n * SECOND,
      end: T0 + 18n * SECOND,
      stepNs: 10e9,
    });
    const startMs = Number(T0 / 1_000_000n);
    expect(result).toEqual({
      type: 'matrix',
      series: [{ labels: [], timesMs: [startMs, startMs + 10_000, startMs + 20_000], values: [1, 10, 9] }],
    });
  });

  it('of a query that is a number needs no data', async () => {
    const { result } = await new QuerySystem().ask('1 + 1', { mode: 'instant' });
    expect(result).toEqual({ type: 'scalar', timeMs: Number(T0 / 1_000_000n), value: 2 });
  });

  it('leaves nothing behind in the scheduler', async () => {
    const system = await withBoth();
    await system.ask('{app="x"}');
    await system.clock.settle();
    expect(system.scheduler.observe()).toMatchObject({ workflows: 0, tasks: 0 });
  });
});

describe('a flush in the middle of a query', () => {
  it('happens between steps that come in this order', async () => {
    const system = await withBoth();
    await system.ask('{app="x"}');
    await system.clock.settle();
    expect(system.steps).toEqual(['live.resolve', 'live answered', 'coverage', 'catalog', 'live.read', 'live.release']);
  });

  it.each<Step>(['live.resolve', 'live answered', 'coverage', 'catalog', 'live.read'])(
    'neither loses nor doubles a row, when it comes at "%s"',
    async (step) => {
      for (const query of ['{app="x"}', '{app=~".+"} |= "line"']) {
        const system = await withBoth();
        system.at = (reached) => (reached === step ? system.flush() : undefined);
        expect(linesOf(await system.ask(query))).toEqual(lines(0, 20).reverse());
        system.at = () => {};
        expect(linesOf(await system.ask(query))).toEqual(lines(0, 20).reverse());
      }
    },
  );

  it('does not count a row twice either', async () => {
    const system = await withBoth();
    system.at = (reached) => (reached === 'catalog' ? system.flush() : undefined);
    const { result } = await system.ask('sum(count_over_time({app="x"}[1h]))', {
      mode: 'instant',
      start: T0 + 60n * SECOND,
    });
    expect(result).toMatchObject({ samples: [{ value: 20 }] });
  });
});

describe('memory that a query froze', () => {
  const released = async (system: QuerySystem, times = 1): Promise<void> => {
    await system.clock.settle();
    expect(system.released).toHaveLength(times);
    for (const query of system.resolved) expect(system.released).toContain(query);
  };

  it('is released after an answer', async () => {
    const system = await withBoth();
    await system.ask('{app="x"}');
    await released(system);
  });

  it.each([
    ['is no LogQL', requestOf('{app="x"')],
    ['is refused', requestOf('{app="x"}', { limit: 5001 })],
  ])('is released after a query that %s', async (_, request) => {
    const system = await withBoth();
    expect(await system.reply(request)).toMatchObject({ kind: 'fault', fault: { code: 'bad-request' } });
    await released(system);
  });

  it('is released after a query that fails while it runs', async () => {
    const system = await withBoth();
    system.at = (step) => {
      system.answers = step !== 'live.read';
    };
    const reply = system.reply(requestOf('{app="x"}'));
    // It is read, and twice looked up anew.
    for (let i = 0; i < 100 && system.released.length < 3; i++) await system.clock.advance(100);
    expect(await reply).toMatchObject({ kind: 'fault', fault: { code: 'timeout' } });
    await released(system, 3);
  });

  it('that its ingester has forgotten is looked up anew, in objects too', async () => {
    const system = await withBoth();
    let reads = 0;
    system.at = async (step) => {
      if (step !== 'live.read' || ++reads > 1) return;
      system.forget();
      await system.flush();
    };
    const at = { mode: 'instant', start: T0 + 60n * SECOND, stepNs: 0 } as const;
    const reply = system.reply(requestOf('sum(count_over_time({app="x"}[1h]))', at));
    for (let i = 0; i < 10 && system.resolved.length < 2; i++) await system.clock.advance(100);
    expect(await reply).toMatchObject({ kind: 'answer', answer: { result: { samples: [{ value: 20 }] } } });
    expect(reads).toBe(1);
    await released(system, 2);
  });

  it('is released after a query whose catalogue cannot be read', async () => {
    const system = await withBoth();
    system.at = (step) => {
      if (step === 'catalog') throw new Error('no bucket');
    };
    expect(await system.reply(requestOf('{app="x"}'))).toMatchObject({
      kind: 'fault',
      fault: { message: 'no bucket' },
    });
    await released(system);
  });

  it('is released after a question about labels', async () => {
    const system = await withBoth();
    await system.metadata('labels');
    await released(system);
  });
});

describe('a query that takes too long', () => {
  it.each<Step>(['live.resolve', 'live.read'])('at "%s" ends with a timeout that says what to do', async (step) => {
    const system = new QuerySystem({ query_timeout_ms: 500 });
    system.push(rows(0, 3));
    system.at = (reached) => {
      if (reached === step) system.answers = false;
    };
    const reply = system.reply(requestOf('{app="x"}'));
    await system.clock.settle();
    await system.clock.advance(500);
    const answer = await reply;
    expect(answer).toMatchObject({ kind: 'fault', fault: { code: 'timeout' } });
    expect(JSON.stringify(answer)).toContain('request timed out, decrease the duration of the request');
    await system.clock.settle();
    expect(system.released).toHaveLength(1);
  });
});

describe('a caller who goes away', () => {
  it('before, or while memory is asked, or while it runs, gets a fault and leaves nothing behind', async () => {
    for (const step of ['live.resolve', 'catalog', 'live.read'] as const) {
      const system = await withBoth();
      const abort = new AbortController();
      system.at = (reached) => {
        if (reached === step) abort.abort();
      };
      await expect(system.querier.query(requestOf('{app="x"}'), abort.signal)).rejects.toMatchObject({
        fault: { code: 'cancelled' },
      });
      await system.clock.settle();
      expect(system.released).toHaveLength(1);
      expect(system.scheduler.observe()).toMatchObject({ workflows: 0, tasks: 0 });
    }
    await expect(new QuerySystem().querier.query(requestOf('{app="x"}'), AbortSignal.abort())).rejects.toMatchObject({
      fault: { code: 'cancelled' },
    });
  });
});

describe('damage', () => {
  it('of an object is a warning, and the rest is answered', async () => {
    const system = await withBoth();
    await system.flush();
    await system.bucket.upload('objects/1', Buffer.alloc(500, 7));
    const answer = await system.ask('{app="x"}');
    expect(linesOf(answer)).toEqual(lines(10, 20).reverse());
    expect(answer.warnings).toHaveLength(1);
    expect(answer.warnings[0]).toMatch(/^object objects\/1 could not be read and is missing from this answer: /);
  });

  it('named by several selectors of a query is one warning', async () => {
    const system = await withBoth();
    await system.bucket.upload('objects/1', Buffer.alloc(500, 7));
    const answer = await system.ask('sum(count_over_time({app="x"}[1m])) + sum(count_over_time({app=~".+"}[1m]))');
    expect(answer.warnings).toHaveLength(1);
  });

  it('of a table of contents does not hide what is in memory', async () => {
    const system = await withBoth();
    await system.bucket.upload(tocPath(TENANT, windowOf(T0)), Buffer.alloc(100, 7));
    const answer = await system.ask('{app="x"}');
    expect(linesOf(answer)).toEqual(lines(10, 20).reverse());
    expect(answer.warnings).toHaveLength(1);
  });
});

describe('explain', () => {
  it('=plan runs nothing', async () => {
    const system = await withBoth();
    const answer = await system.ask('{app="x"}', { explain: 'plan' });
    await system.clock.settle();
    expect(answer.explain).toContain('app');
    expect(answer.result).toEqual({ type: 'streams', streams: [] });
    expect(system.steps).not.toContain('live.read');
    expect(system.released).toHaveLength(1);
  });

  it('=analyze adds what the run cost to the answer', async () => {
    const system = await withBoth();
    const answer = await system.ask('{app="x"}', { explain: 'analyze' });
    expect(linesOf(answer)).toHaveLength(20);
    expect(answer.explain).toMatch(/rows 20 scanned \(10 in memory\), 20 kept by scans, 20 returned/);
  });
});

describe('fields', () => {
  const detection = { tenant: TENANT, start: T0, end: T0 + 3600n * SECOND, lineLimit: 100, limit: 10, tags: '' };
  const detect = (system: QuerySystem, query: string, name = '', more: Partial<typeof detection> = {}) =>
    system.send({ kind: 'detect', request: { ...detection, query, ...more }, name });

  async function withFields(): Promise<QuerySystem> {
    const system = new QuerySystem();
    const line = (at: number, text: string): TestRow => ({ labels: { app: 'x' }, time: T0 + BigInt(at), line: text });
    system.push([line(1, 'level=info took=5ms'), line(2, '{"level":"warn"}')]);
    await system.flush();
    system.push([line(3, 'level=error took=7ms')]);
    return system;
  }

  it('are found in lines of memory and objects', async () => {
    const system = await withFields();
    expect(await detect(system, '{app="x"}')).toEqual({
      kind: 'detected.fields',
      fields: [
        { label: 'level', type: 'string', cardinality: 3, parsers: ['json', 'logfmt'], jsonPath: ['level'] },
        { label: 'took', type: 'duration', cardinality: 2, parsers: ['logfmt'], jsonPath: [] },
      ],
    });
    expect(await detect(system, '{app="x"}', 'level')).toEqual({ kind: 'names', names: ['error', 'info', 'warn'] });
  });

  it('are of what the query lets through, and of its latest lines', async () => {
    const system = await withFields();
    expect(await detect(system, '{app="x"} | logfmt | level="info"', 'took')).toEqual({
      ...{ kind: 'names', names: ['5ms'] },
    });
    expect(await detect(system, '{app="x"}', 'level', { lineLimit: 1 })).toEqual({ kind: 'names', names: ['error'] });
  });

  it('of several tenants are none', async () => {
    const system = await withFields();
    const several = { tenant: `${TENANT}|other` };
    expect(await detect(system, '{app="x"}', '', several)).toEqual({ kind: 'detected.fields', fields: [] });
    expect(await detect(system, '{app="x"}', 'level', several)).toEqual({ kind: 'names', names: [] });
  });

  it.each([
    ['rate({app="x"}[1m])', 'only log selector is supported'],
    ['{app="x"', 'parse error at line 1, col 9: syntax error: unexpected $end'],
    ['{}', 'queries require at least one regexp or equality matcher'],
  ])('of %s are refused', async (query, why) => {
    const reply = await detect(new QuerySystem(), query);
    expect(reply).toMatchObject({ kind: 'fault', fault: { code: 'bad-request' } });
    expect(JSON.stringify(reply)).toContain(why);
  });

  it('of more lines than a query may return are refused', async () => {
    expect(await detect(new QuerySystem(), '{app="x"}', '', { lineLimit: 5001 })).toMatchObject({
      fault: { code: 'bad-request' },
    });
  });
});
