import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { type CommandOutcome, skald } from '../support/command.js';
import { type Server, startServer, temporaryFolder } from '../support/server.js';

const LINES = 12_000;
/** Where the lines of the log lie; a line every half second. */
const SPAN = ['--from', '2025-03-01T00:00:00Z', '--to', '2025-03-02T00:00:00Z'];

let server: Server;
let folder: string;
let lines: readonly string[];

beforeAll(async () => {
  server = await startServer();
  folder = mkdtempSync(join(temporaryFolder(), 'logs-'));
  lines = Array.from({ length: LINES }, (_, i) => {
    const time = new Date(Date.UTC(2025, 2, 1) + i * 500).toISOString();
    return `${time} ${i % 100 === 7 ? 'ERROR' : 'INFO'} request ${i} took ${i % 977}ms`;
  });
});

const ask = (args: readonly string[], options = {}): Promise<CommandOutcome> =>
  skald([...args, '--addr', server.url], options);
const linesOf = (text: string): string[] => text.split('\n').slice(0, -1);
const file = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

describe('skald push', () => {
  it('sends a file, each line with its own time', async () => {
    const path = file('app.log', `${lines.join('\n')}\n`);
    const { code, out, err } = await ask([
      'push',
      path,
      '--label',
      'app=cli',
      '--label',
      'env=test',
      '--timezone',
      'UTC',
    ]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^12,000 lines \(\S+ [kM]B\) in /);
    expect(await server.client.count('{app="cli"}')).toBe(LINES);
    const { entries } = await server.client.range('{app="cli"} |= "request 4711 "');
    expect(entries.map(({ time, line }) => [new Date(Number(time / 1_000_000n)).toISOString(), line])).toEqual([
      [lines[4711]!.slice(0, 24), lines[4711]],
    ]);
  });

  it('again adds nothing', async () => {
    const { code } = await ask(['push', join(folder, 'app.log'), '--label', 'app=cli', '--label', 'env=test']);
    expect(code).toBe(0);
    expect(await server.client.count('{app="cli"}')).toBe(LINES);
  });

  it('reads standard input and gzip, and tells equal lines of one time apart', async () => {
    const same = '2025-03-01 00:00:00 the same\n'.repeat(50);
    const input = await ask(['push', '--label', 'app=stdin', '--timezone', 'UTC'], { stdin: same });
    expect(input).toMatchObject({ code: 0, err: '' });
    expect(await server.client.count('{app="stdin"}')).toBe(50);
    const path = file('b.log.gz', gzipSync(same));
    expect(await ask(['push', path, '--label', 'app=gz', '--timezone', 'UTC'])).toMatchObject({ code: 0 });
    expect(await server.client.count('{app="gz"}')).toBe(50);
  });

  it('ends with 1 when the server refuses something, and with 2 when it is asked wrongly', async () => {
    const path = file('long.log', `2025-03-01T00:00:00Z short\n2025-03-01T00:00:01Z ${'x'.repeat(300_000)}\n`);
    const refused = await ask(['push', path, '--label', 'app=long']);
    expect({ code: refused.code, err: refused.err }).toEqual({
      code: 1,
      err: expect.stringContaining('max entry size'),
    });
    expect(await server.client.count('{app="long"}')).toBe(1);
    expect(await ask(['push', path])).toMatchObject({ code: 2, err: expect.stringContaining('--label') });
    expect(await ask(['push', join(folder, 'none.log'), '--label', 'a=b'])).toMatchObject({ code: 1 });
  });

  it('without a server ends with 1 and says how to start one', async () => {
    const { code, err } = await skald([
      'push',
      join(folder, 'app.log'),
      '--label',
      'a=b',
      '--addr',
      'http://127.0.0.1:2',
    ]);
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('nothing listens at http://127.0.0.1:2') });
  });
});

describe('skald query', () => {
  it('prints times, labels that differ and lines, newest first', async () => {
    const { code, out, err } = await ask(['query', '{app="cli"} |= "request"', '--limit', '3', ...SPAN]);
    expect(code).toBe(0);
    expect(linesOf(out)).toHaveLength(3);
    expect(linesOf(out)[0]).toBe(`2025-03-01T01:39:59.5Z ${lines.at(-1)}`);
    expect(err).toContain('common labels: {app="cli", detected_level="info", env="test", service_name="cli"}');
  });

  it('prints raw lines oldest first', async () => {
    const { out } = await ask(['query', '{app="cli"}', '--output', 'raw', '--forward', '--limit', '5', ...SPAN]);
    expect(linesOf(out)).toEqual(lines.slice(0, 5));
  });

  it('prints JSON, a line or a document', async () => {
    const args = ['query', '{app="cli"} |= "request 42 "', ...SPAN];
    const expected = {
      labels: { app: 'cli', env: 'test', service_name: 'cli', detected_level: 'info' },
      line: lines[42],
      timestamp: '2025-03-01T00:00:21Z',
    };
    expect(JSON.parse((await ask([...args, '--output', 'jsonl'])).out)).toEqual(expected);
    expect(JSON.parse((await ask([...args, '--output', 'json'])).out)).toEqual([expected]);
    expect((await ask(['query', '{app="nobody"}', '--output', 'json', ...SPAN])).out).toBe('[]\n');
  });

  it.each([
    ['forward', ['--forward']],
    ['backward', []],
  ])('goes %s beyond the limit of the server page by page, without gaps or repetitions', async (direction, flags) => {
    const { out } = await ask([
      'query',
      '{app="cli"}',
      '--output',
      'raw',
      '--limit',
      '0',
      '--batch',
      '5000',
      ...flags,
      ...SPAN,
    ]);
    expect(linesOf(out)).toEqual(direction === 'forward' ? lines : [...lines].reverse());
  });

  it('prints metrics over time and at one moment', async () => {
    const metric = 'sum by (app) (count_over_time({app="cli"} |= "ERROR" [24h]))';
    const instant = await ask(['query', metric, '--at', '2025-03-01T12:00:00Z']);
    expect(instant).toEqual({ code: 0, out: '120  {app="cli"}\n', err: '' });
    const json = await ask(['query', metric, '--at', '2025-03-01T12:00:00Z', '--output', 'json']);
    expect(JSON.parse(json.out)).toEqual([{ metric: { app: 'cli' }, value: [1740830400, '120'] }]);
    const range = await ask(['query', metric, '--step', '6h', '--output', 'raw', ...SPAN]);
    expect(linesOf(range.out)).toEqual(
      ['06', '12', '18']
        .map((hour) => `2025-03-01T${hour}:00:00Z\t{app="cli"}\t120`)
        .concat('2025-03-02T00:00:00Z\t{app="cli"}\t120'),
    );
  });

  it('points to where a query goes wrong, and ends with 1', async () => {
    const { code, err } = await ask(['query', '{app="cli"} |= oops', ...SPAN]);
    expect(code).toBe(1);
    expect(err).toContain('parse error at line 1, col 16');
    expect(err).toContain('{app="cli"} |= oops\n');
    expect(err).toMatch(/^ +\^$/m);
  });

  it('with a wrong flag ends with 2', async () => {
    for (const wrong of [['--limit', 'x'], ['--output', 'xml'], ['--nothing'], ['--from', 'whenever']]) {
      expect(await ask(['query', '{app="cli"}', ...wrong]), wrong.join(' ')).toMatchObject({ code: 2, out: '' });
    }
  });
});

describe('skald labels, series, explain', () => {
  it('lists labels and their values', async () => {
    const all = await ask(['labels', '--query', '{app="cli"}', ...SPAN]);
    expect(all).toEqual({ code: 0, out: 'app\nenv\nservice_name\n', err: '' });
    expect((await ask(['labels', 'env', '--output', 'json', ...SPAN])).out).toBe('["test"]\n');
  });

  it('lists streams', async () => {
    const { out } = await ask(['series', '{app=~"cli|gz"}', ...SPAN]);
    expect(linesOf(out)).toEqual(['{app="cli", env="test", service_name="cli"}', '{app="gz", service_name="gz"}']);
  });

  it('explains, with and without running', async () => {
    const plan = await ask(['explain', 'sum by (app) (count_over_time({app="cli"} |= "x" [5m]))', ...SPAN]);
    expect(plan.code).toBe(0);
    expect(plan.out).toMatch(/^Logical plan\n=+\n%1 = EQ label.app "cli"\n/);
    expect(plan.out).toContain('VectorAggregation');
    const analysed = await ask(['explain', '{app="cli"} |= "ERROR"', '--analyze', ...SPAN]);
    expect(analysed.code).toBe(0);
    expect(analysed.out).toContain('rows');
    expect(await ask(['explain', '{', ...SPAN])).toMatchObject({ code: 1, err: expect.stringContaining('^') });
  });

  it('reads where the server is from the environment', async () => {
    const { code, out } = await skald(['labels', 'env', ...SPAN], { environment: { SKALD_ADDR: server.url } });
    expect({ code, out }).toEqual({ code: 0, out: 'test\n' });
  });
});

describe('skald inspect', () => {
  let object: string;

  beforeAll(async () => {
    await server.client.flush();
    object = server.objects()[0]!;
  });

  it('shows what an object of the server holds', async () => {
    const { code, out } = await skald(['inspect', object]);
    expect(code).toBe(0);
    expect(out).toContain('tenant fake');
    expect(out).toMatch(/12,\d\d\d rows/);
    expect(out).toContain('{app="cli", env="test", service_name="cli"}');
    expect(out).not.toContain('wrong');
  });

  it('cuts out a Parquet file', async () => {
    const to = join(folder, 'section.parquet');
    expect(await skald(['inspect', object, '--section', '0', '--parquet', to])).toMatchObject({ code: 0 });
    const bytes = readFileSync(to);
    expect(bytes.toString('latin1', 0, 4)).toBe('PAR1');
    expect(bytes.toString('latin1', bytes.length - 4)).toBe('PAR1');
  });

  it('ends with 1 for a file that is damaged or none', async () => {
    const bytes = readFileSync(object);
    const damaged = file('damaged.dataobj', bytes.with(1000, bytes[1000]! ^ 1));
    expect(await skald(['inspect', damaged])).toMatchObject({ code: 1, out: expect.stringContaining('wrong') });
    expect(await skald(['inspect', join(folder, 'app.log')])).toMatchObject({ code: 1 });
    expect(await skald(['inspect'])).toMatchObject({ code: 2 });
  });
});

describe('the command itself', () => {
  it('says its version, its settings and what it can do', async () => {
    expect(await skald(['--version'])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^skald \d+\.\d+\.\d+\n$/),
    });
    expect((await skald(['--print-config', '--set', 'limits.max_line_size=1MB'])).out).toContain('max_line_size: 1MB');
    expect((await skald(['help'])).out).toContain('skald push');
  });

  it('with a wrong setting ends with 2 and names it', async () => {
    const { code, err } = await skald(['--set', 'limits.max_line_sise=1MB']);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('did you mean limits.max_line_size?') });
    expect(await skald(['--set', 'limits.query_timeout=soon'])).toMatchObject({ code: 2 });
    expect(await skald(['--role', 'ingester'])).toMatchObject({ code: 2, err: expect.stringContaining('--role=all') });
    expect(await skald(['nonsense'])).toMatchObject({ code: 2 });
  });

  it('on a port that is taken ends with 1 and says so', async () => {
    const { code, err } = await skald(['--port', String(server.port), '--data', join(folder, 'taken')]);
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining(`port ${server.port} is in use`) });
  });

  it('where it may not listen or write ends with 1 and one line that says why', async () => {
    const elsewhere = await skald(['--port', '0', '--host', '192.0.2.1', '--data', join(folder, 'elsewhere')]);
    expect(elsewhere).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^skald: cannot listen on port 0 of 192.0.2.1: .*\n$/),
    });
    const inFile = join(file('a-file', ''), 'data');
    const unusable = await skald(['--port', '0', '--data', inFile]);
    expect(unusable.code).toBe(1);
    expect(unusable.err).toMatch(/^skald: cannot work in the data folder .*a-file\/data: ENOTDIR.*\n$/m);
    expect(unusable.err).not.toMatch(/^ +at /m);
  });
});
