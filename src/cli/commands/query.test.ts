import { tableFromIPC } from 'apache-arrow';
import { afterEach, describe, expect, it } from 'vitest';
import { EMPTY_ANSWER, fakeApi, fakeClient, NO_STATS, ok } from '../../../test/support/api.js';
import { NOW_MS, run } from '../../../test/support/cli.js';
import type { Client } from '../../api/client.js';
import { type HttpServer, startHttp } from '../../api/server-node.js';
import { fault } from '../../wire/fault.js';
import { labelsOf } from '../../wire/labels.js';
import type { Outcome, QueryRequest, QueryResult } from '../../wire/query.js';
import type { TailFrame, TailRequest } from '../../wire/tail.js';

const NOW = BigInt(NOW_MS) * 1_000_000n;
const HOUR = 3600n * 1_000_000_000n;
const running: HttpServer[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close(0)));
});

async function serve(client: Client): Promise<string> {
  const logger = { debug: () => {}, warn: () => {}, error: () => {} };
  const server = await startHttp({ ...fakeApi(client), host: '127.0.0.1', port: 0, logger });
  running.push(server);
  return `http://127.0.0.1:${server.port}`;
}

/** A server that always answers with one result. */
async function answering(result: QueryResult): Promise<string> {
  return serve(fakeClient({ query: async () => ok({ ...EMPTY_ANSWER, result }) }));
}

/** A server with entries, which answers as a real one does: half-open range, order, limit. */
async function holding(entries: readonly (readonly [time: bigint, line: string, app?: string])[]) {
  const requests: QueryRequest[] = [];
  const client = fakeClient({
    query: async (request) => {
      requests.push(request);
      const found = entries
        .filter(([time]) => time >= request.start && time < request.end)
        .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0) * (request.direction === 'forward' ? 1 : -1))
        .slice(0, request.limit);
      const apps = [...new Set(found.map(([, , app = 'x']) => app))];
      const streams = apps.map((app) => ({
        labels: labelsOf({ app, env: 'dev' }),
        entries: found.filter(([, , of = 'x']) => of === app).map(([time, line]) => ({ time, line })),
      }));
      return ok({ ...EMPTY_ANSWER, result: { type: 'streams', streams } });
    },
  });
  return { url: await serve(client), requests };
}

describe('skald query', () => {
  const some = [
    [NOW - 3n, 'one'],
    [NOW - 2n, 'two', 'y'],
    [NOW - 1n, 'three'],
  ] as const;

  it('asks for the last hour, newest first, and shows common labels once', async () => {
    const { url, requests } = await holding(some);
    const { code, out, err } = await run(['query', '{env="dev"}', '--addr', url]);
    expect(code).toBe(0);
    expect(err).toBe('common labels: {env="dev"}\n');
    expect(out).toBe(
      '2026-11-01T23:59:59.999999999Z {app="x"} three\n' +
        '2026-11-01T23:59:59.999999998Z {app="y"} two\n' +
        '2026-11-01T23:59:59.999999997Z {app="x"} one\n',
    );
    expect(requests[0]).toMatchObject({
      query: '{env="dev"}',
      start: NOW - HOUR,
      end: NOW,
      limit: 100,
      direction: 'backward',
    });
  });

  it('prints lines alone, JSON lines, or one JSON document', async () => {
    const { url } = await holding(some.slice(0, 2));
    const printed = async (form: string) => (await run(['query', 'x', '--forward', '-o', form, '--addr', url])).out;
    expect(await printed('raw')).toBe('one\ntwo\n');
    const documents = [
      { labels: { app: 'x', env: 'dev' }, line: 'one', timestamp: '2026-11-01T23:59:59.999999997Z' },
      { labels: { app: 'y', env: 'dev' }, line: 'two', timestamp: '2026-11-01T23:59:59.999999998Z' },
    ];
    expect(
      (await printed('jsonl'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(documents);
    expect(JSON.parse(await printed('json'))).toEqual(documents);
  });

  it('prints an Arrow stream, a batch a page, for lines and for metrics', async () => {
    const { url } = await holding(some);
    const table = async (...args: string[]) => {
      const { out, code } = await run(['query', 'x', '-o', 'arrow', '--addr', url, ...args]);
      expect(code).toBe(0);
      return tableFromIPC(Buffer.from(out, 'latin1'));
    };
    const lines = await table('--forward', '--batch', '2');
    expect(lines.batches.map(({ numRows }) => numRows)).toEqual([2, 1]);
    expect([...lines.getChild('timestamp')!.data[0]!.values]).toEqual([NOW - 3n, NOW - 2n]);
    expect([...lines.getChild('line')!]).toEqual(['one', 'two', 'three']);
    expect(JSON.parse(String(lines.getChild('labels')!.get(1)))).toEqual({ app: 'y', env: 'dev' });
    const metric = { labels: labelsOf({ app: 'x' }), timesMs: [NOW_MS], values: [2.5] };
    const samples = await answering({ type: 'matrix', series: [metric] });
    const { out } = await run(['query', 'x', '-o', 'arrow', '--addr', samples]);
    const values = tableFromIPC(Buffer.from(out, 'latin1'));
    expect([...values.getChild('value')!]).toEqual([2.5]);
  });

  it('prints Arrow to no terminal, and no tail as Arrow', async () => {
    const url = await answering({ type: 'streams', streams: [] });
    const { code, err } = await run(['query', 'x', '-o', 'arrow', '--addr', url], { terminal: true });
    expect([code, err]).toEqual([2, expect.stringContaining('send it to a file or a program')]);
    const tail = await run(['query', 'x', '-o', 'arrow', '--tail', '--addr', url]);
    expect(tail.err).toContain('--output arrow has an end');
  });

  it('an empty answer is an empty JSON list, and otherwise nothing', async () => {
    const { url } = await holding([]);
    expect((await run(['query', 'x', '-o', 'json', '--addr', url])).out).toBe('[]\n');
    expect((await run(['query', 'x', '--addr', url])).out).toBe('');
  });

  it.each([
    [['--forward'], 1],
    [[], -1],
  ])('pages through everything with %j, each entry once, also where times are equal', async (flags, sign) => {
    const entries = Array.from(
      { length: 95 },
      (_, i) => [NOW - 100n + BigInt(Math.floor(i / 4)), `line ${i}`] as const,
    );
    const { url, requests } = await holding(entries);
    const args = ['query', 'x', '--limit', '0', '--batch', '10', '-o', 'raw', '--addr', url, ...flags];
    const { out } = await run(args);
    const numbers = out
      .trim()
      .split('\n')
      .map((line) => Number(line.slice(5)));
    expect(numbers).toHaveLength(95);
    expect(new Set(numbers).size).toBe(95);
    expect(numbers.every((n, i) => i === 0 || sign * (Math.floor(n / 4) - Math.floor(numbers[i - 1]! / 4)) >= 0)).toBe(
      true,
    );
    expect(requests.length).toBeGreaterThan(10);
  });

  it('stops at the limit, also in the middle of a page', async () => {
    const entries = Array.from({ length: 40 }, (_, i) => [NOW - BigInt(i + 1), `line ${i}`] as const);
    const { url } = await holding(entries);
    const { out } = await run(['query', 'x', '--limit', '25', '--batch', '10', '-o', 'raw', '--addr', url]);
    expect(out.trim().split('\n')).toHaveLength(25);
  });

  it('says so when more entries share a time than one page holds', async () => {
    const { url } = await holding(Array.from({ length: 30 }, (_, i) => [NOW - 1n, `line ${i}`] as const));
    const { code, err } = await run(['query', 'x', '--limit', '0', '--batch', '10', '--addr', url]);
    expect(code).toBe(1);
    expect(err).toContain('--batch 20');
  });

  it('asks for the span and step given', async () => {
    const { url, requests } = await holding([]);
    await run(['query', 'x', '--from', '2026-11-01T00:00:00Z', '--to', '1793500000', '--step', '5m', '--addr', url]);
    await run(['query', 'x', '--since', '2d', '--addr', url]);
    await run(['query', 'x', '--from', '3h', '--to', 'now', '--addr', url]);
    expect(requests).toMatchObject([
      { start: 1793491200n * 1_000_000_000n, end: 1793500000n * 1_000_000_000n, stepNs: 300e9 },
      { start: NOW - 48n * HOUR, end: NOW },
      { start: NOW - 3n * HOUR, end: NOW },
    ]);
  });

  it('colours on a terminal only, and not against the wish of NO_COLOR', async () => {
    const { url } = await holding(some);
    const args = ['query', 'x', '--addr', url];
    expect((await run(args, { terminal: true })).out).toContain('\x1b[2m2026-');
    expect((await run(args, { terminal: true, environment: { NO_COLOR: '1' } })).out).not.toContain('\x1b');
    expect((await run(args)).out).not.toContain('\x1b');
  });

  it('mentions the limit on a terminal', async () => {
    const { url } = await holding(some);
    const { err } = await run(['query', 'x', '--limit', '2', '--addr', url], { terminal: true });
    expect(err).toContain('2 lines, which is the limit');
  });

  it('prints a metric over time as a block a series', async () => {
    const timesMs = [NOW_MS - 60_000, NOW_MS];
    const url = await answering({ type: 'matrix', series: [{ labels: [['app', 'x']], timesMs, values: [1, 10.5] }] });
    expect((await run(['query', 'rate(x)', '--addr', url])).out).toBe(
      '{app="x"}\n  2026-11-01T23:59:00Z     1\n  2026-11-02T00:00:00Z  10.5\n',
    );
    expect((await run(['query', 'rate(x)', '-o', 'raw', '--addr', url])).out).toBe(
      '2026-11-01T23:59:00Z\t{app="x"}\t1\n2026-11-02T00:00:00Z\t{app="x"}\t10.5\n',
    );
    expect(JSON.parse((await run(['query', 'rate(x)', '-o', 'jsonl', '--addr', url])).out)).toEqual({
      metric: { app: 'x' },
      values: [
        [1793577540, '1'],
        [1793577600, '10.5'],
      ],
    });
  });

  it('prints a metric at one moment as a row a series', async () => {
    const url = await answering({
      type: 'vector',
      samples: [
        { labels: [['app', 'x']], timeMs: NOW_MS, value: 5 },
        { labels: [], timeMs: NOW_MS, value: 1200 },
      ],
    });
    expect((await run(['query', 'rate(x)', '--instant', '--addr', url])).out).toBe('   5  {app="x"}\n1200  {}\n');
    const scalar = await answering({ type: 'scalar', timeMs: NOW_MS, value: 4 });
    expect((await run(['query', '2+2', '--at', '1793500000', '--addr', scalar])).out).toBe('4\n');
  });

  it('points to where a query went wrong', async () => {
    const message = 'parse error at line 1, col 13: syntax error: unexpected $end, expecting } or ,';
    const url = await serve(fakeClient({ query: async () => ({ ok: false, fault: fault('bad-request', message) }) }));
    const { code, err } = await run(['query', '{app="nginx"', '--addr', url]);
    expect(code).toBe(1);
    expect(err).toBe(`skald: ${message}\n  {app="nginx"\n  ${' '.repeat(12)}^\n`);
  });

  it('passes warnings on', async () => {
    const url = await serve(fakeClient({ query: async () => ok({ ...EMPTY_ANSWER, warnings: ['partial'] }) }));
    expect((await run(['query', 'x', '--addr', url])).err).toBe('warning: partial\n');
  });

  it.each([
    [['query'], 'give one query, in quotes'],
    [['query', 'a', 'b'], 'give one query, in quotes'],
    [['query', 'x', '--since', 'soon'], '--since soon: must be a duration'],
    [['query', 'x', '--from', 'soon'], '--from soon: must be a time'],
    [['query', 'x', '--from', '1h', '--to', '2h'], '--from is later than --to'],
    [['query', 'x', '--limit', 'many'], '--limit many: must be a whole number'],
    [['query', 'x', '-o', 'xml'], '--output xml: must be one of default, raw, jsonl, json'],
    [['query', 'x', '--addr', 'http://a b'], '--addr http://a b: must be a URL'],
  ])('%j is refused with exit code 2', async (args, message) => {
    const { code, err } = await run(args);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
});

describe('skald explain', () => {
  it('prints the plan, without running the query unless asked to', async () => {
    const client = fakeClient({ query: async () => ok({ ...EMPTY_ANSWER, stats: NO_STATS, explain: '%1 = EQ x' }) });
    const url = await serve(client);
    expect((await run(['explain', '{app="x"}', '--addr', url])).out).toBe('%1 = EQ x\n');
    await run(['explain', '{app="x"}', '--analyze', '--at', '1793500000', '--addr', url]);
    expect(client.calls.map((call) => call.argument)).toMatchObject([
      { explain: 'plan', mode: 'range' },
      { explain: 'analyze', mode: 'instant', start: 1793500000n * 1_000_000_000n },
    ]);
  });

  it('a server that explains nothing is no Skald', async () => {
    const url = await serve(fakeClient());
    expect((await run(['explain', 'x', '--addr', url])).err).toContain('is it a Skald?');
  });
});

describe('skald labels and series', () => {
  it('list labels and values', async () => {
    const client = fakeClient({ labels: async () => ok(['app', 'env']), labelValues: async () => ok(['a b']) });
    const url = await serve(client);
    expect((await run(['labels', '--addr', url])).out).toBe('app\nenv\n');
    expect((await run(['labels', 'app/x', '--query', '{env="dev"}', '--addr', url])).out).toBe('a b\n');
    expect((await run(['labels', '-o', 'json', '--addr', url])).out).toBe('["app","env"]\n');
    expect(client.calls[1]!.argument).toMatchObject({ name: 'app/x', selectors: ['{env="dev"}'] });
  });

  it('list nothing where there is nothing', async () => {
    const url = await serve(fakeClient());
    expect(await run(['labels', '--addr', url])).toMatchObject({ code: 0, out: '' });
    expect(await run(['series', '-o', 'json', '--addr', url])).toMatchObject({ code: 0, out: '[]\n' });
  });

  it('list streams in order', async () => {
    const client = fakeClient({ series: async () => ok([[['app', 'y']], [['app', 'x']]]) });
    const url = await serve(client);
    expect((await run(['series', '{a="b"}', '{c="d"}', '--addr', url])).out).toBe('{app="x"}\n{app="y"}\n');
    expect(client.calls[0]!.argument).toMatchObject({ selectors: ['{a="b"}', '{c="d"}'] });
  });
});

describe('skald query --tail', () => {
  const frame = (time: bigint, line: string, dropped: TailFrame['dropped'] = []): Outcome<TailFrame> =>
    ok({ streams: [{ labels: labelsOf({ app: 'x' }), entries: [{ time, line }] }], dropped });
  const end = (message: string): Outcome<TailFrame> => ({ ok: false, fault: fault('timeout', message) });

  /** A server whose tails say these things, one after another. */
  async function tailing(...tails: Outcome<TailFrame>[][]) {
    const requests: TailRequest[] = [];
    const client = fakeClient({
      tail: async (request) => {
        requests.push(request);
        const outcomes = tails.shift()!;
        return ok({ next: async () => outcomes.shift()!, close: () => undefined });
      },
    });
    return { url: await serve(client), requests };
  }

  it('prints what there is and what comes, until the server ends it and says why', async () => {
    const { url, requests } = await tailing([frame(NOW - 1n, 'old'), frame(NOW, 'new'), end('enough')]);
    const { code, out, err } = await run([
      'query',
      '{app="x"}',
      '-t',
      '--limit',
      '7',
      '--delay-for',
      '2',
      '--addr',
      url,
    ]);
    expect(out).toBe('2026-11-01T23:59:59.999999999Z {app="x"} old\n2026-11-02T00:00:00Z {app="x"} new\n');
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('enough') });
    expect(requests).toMatchObject([{ query: '{app="x"}', limit: 7, delayMs: 2000 }]);
  });

  it('goes on where it was when it was open for as long as it may be', async () => {
    const { url, requests } = await tailing(
      [frame(NOW, 'one'), end('reached tail max duration limit')],
      [frame(NOW + 5n, 'two'), end('enough')],
    );
    const { out } = await run(['query', '{app="x"}', '--tail', '-o', 'raw', '--addr', url]);
    expect(out).toBe('one\ntwo\n');
    expect(requests[1]!.start).toBe(NOW + 1n);
  });

  it('says how many lines were dropped', async () => {
    const { url } = await tailing([frame(NOW, 'x', [{ time: NOW, labels: [] }]), end('enough')]);
    const { err } = await run(['query', '{app="x"}', '--tail', '--addr', url]);
    expect(err).toContain('1 line left out');
  });

  it('shows why it is refused, and what does not go together', async () => {
    const { url } = await tailing();
    const late = await run(['query', '{app="x"}', '--tail', '--delay-for', '9', '--addr', url]);
    expect(late).toMatchObject({ code: 1, err: expect.stringContaining("delay_for can't be greater than 5") });
    expect(await run(['query', 'x', '--tail', '--instant'])).toMatchObject({ code: 2 });
    expect(await run(['query', 'x', '--tail', '--output', 'json'])).toMatchObject({ code: 2 });
    const nobody = await run(['query', 'x', '--tail', '--addr', 'http://127.0.0.1:1']);
    expect(nobody).toMatchObject({ code: 1, err: expect.stringContaining('nothing listens') });
  });
});
