import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePatternFilter } from '../../execution/kernels/pattern-filter.js';
import type { Cluster } from './cluster.js';
import { Drain } from './drain.js';
import { LineTokens } from './tokens.js';

const tokens = new LineTokens();

/** Adds a line and returns its cluster; undefined for a line without words. */
function add(drain: Drain, line: string | Uint8Array, bytesMax = 3000): Cluster | undefined {
  const bytes = Buffer.from(line as Uint8Array);
  tokens.read(bytes, 0, bytes.length, bytesMax);
  if (tokens.words === 0) return undefined;
  drain.add(tokens, 1, 1);
  return [...drain.clusters()].reduce((a, b) => (b.lastLine > a.lastLine ? b : a));
}

function patternsOf(lines: readonly (string | Uint8Array)[], bytesMax?: number): string[] {
  const drain = new Drain(300);
  for (const line of lines) add(drain, line, bytesMax);
  return [...drain.clusters()].map(({ pattern }) => pattern);
}

describe('patterns', () => {
  it.each<[string, string[], string[]]>([
    [
      'of an HTTP server',
      [
        '[Sun Dec 04 04:47:44 2005] [error] mod_jk child workerEnv in error state 6',
        '[Sun Dec 04 04:51:18 2005] [error] mod_jk child workerEnv in error state 7',
        '[Sun Dec 04 04:51:09 2005] [notice] jk2_init() Found child 6725 in scoreboard slot 10',
        '[Sun Dec 04 04:51:09 2005] [notice] jk2_init() Found child 6726 in scoreboard slot 8',
      ],
      [
        '[Sun Dec 04 <_> 2005] [error] mod_jk child workerEnv in error state <_>',
        '[Sun Dec 04 04:51:09 2005] [notice] jk2_init() Found child <_> in scoreboard slot <_>',
      ],
    ],
    [
      'of a login server',
      [
        'Dec 10 06:55:48 LabSZ sshd[24200]: Received disconnect from 173.234.31.186: 11: Bye Bye [preauth]',
        'Dec 10 07:02:47 LabSZ sshd[24203]: Received disconnect from 212.47.254.145: 11: Bye Bye [preauth]',
        'Dec 10 07:07:38 LabSZ sshd[24206]: Failed password for invalid user test9 from 52.80.34.196 port 36060 ssh2',
        'Dec 10 07:08:28 LabSZ sshd[24208]: Failed password for invalid user webmaster from 173.234.31.186 port 38926 ssh2',
      ],
      [
        'Dec 10 <_> LabSZ sshd[<_>]: Received disconnect from <_>: 11: Bye Bye [preauth]',
        'Dec 10 <_> LabSZ sshd[<_>]: Failed password for invalid user <_> from <_> port <_> ssh2',
      ],
    ],
    [
      'of logfmt: keys stay',
      [
        'ts=2024-05-01T10:00:00Z level=info msg="request done" path=/a status=200 took=1.2ms',
        'ts=2024-05-01T10:00:01Z level=info msg="request done" path=/b status=500 took=900us',
        'ts=2024-05-01T10:00:02Z level=info msg="request done" code=/b status=500 took=900us',
      ],
      [
        'ts=<_> level=info msg="request done" path=<_> status=<_> took=<_>',
        'ts=2024-05-01T10:00:02Z level=info msg="request done" code=/b status=500 took=900us',
      ],
    ],
    [
      'of JSON',
      [
        '{"level":"info","msg":"cache miss for key","key":"a17","took":12}',
        '{"level":"info","msg":"cache miss for key","key":"b2","took":7}',
      ],
      ['{"level":"info","msg":"cache miss for key","key":"<_>","took":<_>}'],
    ],
    ['of markup, whose tags would be captures', ['<html> took 5', '<html> took 6'], ['<<_>> took <_>']],
    ['of lines that are numbers', ['1 2 3', '1 5 6'], ['1 <_> <_>']],
    ['of one line', ['as it stands: 5'], ['as it stands: 5']],
  ])('%s', (_, lines, expected) => {
    expect(patternsOf(lines)).toEqual(expected);
  });

  it('have no words for bytes that are not UTF-8', () => {
    expect(patternsOf([Buffer.concat([Buffer.from('got '), Buffer.of(0xff, 0xfe), Buffer.from(' bytes')])])).toEqual([
      'got <_> bytes',
    ]);
  });

  it('end in a variable where the line was not looked at any more', () => {
    expect(patternsOf(['first words of many', 'first words of a lot'], 15)).toEqual(['first words of <_>']);
  });

  it('tell apart lines that have less than half of their telling words in common', () => {
    const lines = ['a b c d one two three', 'a b c d four five six'];
    expect(patternsOf(lines)).toHaveLength(1);
    expect(patternsOf(lines.map((line) => `${line} seven`.replace('four five six seven', '4x e f g h')))).toHaveLength(
      2,
    );
  });

  it('join where more words than a node tells apart lead to the same', () => {
    const names = Array.from({ length: 40 }, (_, i) => `user ${'x'.repeat(i + 1)} logged in at once`);
    expect(patternsOf(names)).toContain('user <_> logged in at once');
    expect(patternsOf(names).length).toBeLessThan(17);
  });
});

const FRAGMENTS = [
  ...['user', 'logged in', 'error:', 'a=', 'key="', '"', '":', '{"msg":"', '}', '<_>', '<name>', '<<', '>', '::', ':'],
  ...[' ', '10:20:30', '127.0.0.1:80', 'é', '日本', '\u{1f600}', '==', '=', 'x=y', '\t', '\n', '\\', ',', '[1,2]', '_'],
];
const fragment = fc.oneof(
  fc.constantFrom(...FRAGMENTS),
  fc.string({ maxLength: 4 }),
  fc.nat(99).map((number) => String(number)),
);
const line = fc.oneof(
  { weight: 8, arbitrary: fc.array(fragment, { maxLength: 14 }).map((parts) => Buffer.from(parts.join(''))) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)) },
);

/** Lines of few shapes, so that clusters get more than one of them. */
const lines = fc
  .tuple(
    fc.array(line, { minLength: 1, maxLength: 4 }),
    fc.array(fc.tuple(fc.nat(3), fc.nat(40), fragment), { maxLength: 30 }),
  )
  .map(([shapes, changes]) => [
    ...shapes,
    ...changes.map(([shape, at, text]) => {
      const bytes = shapes[shape % shapes.length]!;
      const from = Math.min(at, bytes.length);
      return Buffer.concat([bytes.subarray(0, from), Buffer.from(text), bytes.subarray(from + 1)]);
    }),
  ]);

function matches(pattern: string, bytes: Buffer): boolean {
  return compilePatternFilter(pattern).match(Int32Array.of(0, bytes.length), bytes, null, 1, new Int32Array(1)) === 1;
}

it('a pattern matches, as a line filter, every line it was made from', () => {
  fc.assert(
    fc.property(lines, fc.integer({ min: 1, max: 6 }), fc.constantFrom(16, 3000), (all, clustersMax, bytesMax) => {
      const drain = new Drain(clustersMax);
      const made = new Map<Cluster, Buffer[]>();
      for (const bytes of all) {
        const cluster = add(drain, bytes, bytesMax);
        if (cluster) made.set(cluster, [...(made.get(cluster) ?? []), bytes]);
      }
      for (const cluster of drain.clusters()) {
        const missed = made.get(cluster)!.filter((bytes) => !matches(cluster.pattern, bytes));
        expect({ pattern: cluster.pattern, missed: missed.map(String) }).toEqual({
          pattern: cluster.pattern,
          missed: [],
        });
      }
    }),
    { numRuns: 2000 },
  );
});

describe('the bounds of a drain', () => {
  it('evict the cluster that was not seen for longest', () => {
    const drain = new Drain(2);
    for (const text of ['first of all', '(second)', 'first of all', '[third]']) add(drain, text);
    expect([...drain.clusters()].map(({ pattern }) => pattern)).toEqual(['first of all', '[third]']);
    expect(drain.evicted).toBe(1);
  });

  it('hold with one cluster, and the way to it is found again', () => {
    const drain = new Drain(1);
    for (const text of ['a b', 'c d', 'a b', 'a b']) add(drain, text);
    const [only] = [...drain.clusters()];
    expect(only!.samples.count(0)).toBe(2);
    expect(drain.size).toBe(1);
  });

  it('count memory up and down', () => {
    const drain = new Drain(5);
    fc.assert(
      fc.property(line, fc.integer({ min: 1, max: 4 }), (bytes, interval) => {
        tokens.read(bytes, 0, bytes.length, 3000);
        if (tokens.words > 0) drain.add(tokens, interval, 1);
        expect(drain.size).toBeLessThanOrEqual(5);
      }),
    );
    expect(drain.memoryBytes).toBeGreaterThan(0);
    drain.forgetBefore(5);
    expect([drain.size, drain.memoryBytes]).toEqual([0, 0]);
  });
});
