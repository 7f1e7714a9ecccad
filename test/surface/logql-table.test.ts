/** docs/logql.md keeps its word: every example parses, is planned, explains itself and runs, and no word is missing. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Lexer } from '../../src/planning/logql/lexer.js';
import { parseLogQL } from '../../src/planning/logql/parser.js';
import { prettyPrint } from '../../src/planning/logql/prettify.js';
import { printExpr } from '../../src/planning/logql/print.js';
import { CONVERSION_OF, RANGE_OP_OF, SIGN_KINDS, VECTOR_OP_OF, WORD_KINDS } from '../../src/planning/logql/token.js';
import { quoteGo } from '../../src/wire/labels.js';
import { QuerySystem, SECOND, T0 } from '../support/query-system.js';

interface Row {
  readonly construct: string;
  readonly query: string;
  readonly place: string;
  readonly status: string;
}

const PLACES = new Set(['catalog', 'scan', 'rows', 'panes', 'samples', 'series', 'planner', 'parser']);

const ROWS = readFileSync(new URL('../../docs/logql.md', import.meta.url), 'utf8')
  .split('\n')
  .flatMap((line): Row[] => {
    if (!/^\|.*`/.test(line)) return [];
    const cells = line.split(/(?<!\\)\|/).map((cell) => cell.replaceAll('\\|', '|').trim());
    const [, construct, example, place, status] = cells as [string, string, string, string, string];
    return [{ construct, query: /^(`+)(.*)\1$/.exec(example)![2]!.trim(), place, status }];
  });

const LINES = [
  'level=info v=1 size=5KB took=1m status=500 addr=10.0.0.1 a=1 b=2 c=4',
  '{"level":"error","a":{"b":[1]},"c":{"d":["x"]}}',
  'GET /path "quoted" level=warn v=2',
  '',
];

async function system(): Promise<QuerySystem> {
  const one = new QuerySystem({ shard_aggregations: ['approx_topk'] });
  const row = (line: string, i: number) => {
    const labels = { app: 'x', ...(i % 2 === 0 ? { pod: 'p' } : {}) };
    return { labels, line, time: T0 + BigInt(i) * SECOND, metadata: [['team', 'red']] as const };
  };
  one.push(LINES.slice(0, 2).map(row));
  await one.flush();
  one.push(LINES.slice(2).map((line, i) => row(line, i + 2)));
  return one;
}

/** approx_topk has no ranges. */
function modeOf(query: string) {
  const time = T0 + 60n * SECOND;
  return query.includes('approx_topk') ? { mode: 'instant' as const, start: time, end: time, stepNs: 0 } : {};
}

test('docs/logql.md has a table of constructs, none of which is missing', () => {
  expect(ROWS.length).toBeGreaterThan(100);
  for (const { status, place, construct } of ROWS) {
    expect(status, construct).toMatch(/^yes(, instant, exact)?$/);
    expect(place.split(', ').filter((name) => !PLACES.has(name))).toEqual([]);
  }
});

test('every word and sign of the language is in an example', () => {
  const seen = new Set<string>();
  for (const { query } of ROWS) {
    const lexer = new Lexer(query);
    for (let token = lexer.next(); token.kind !== '$end'; token = lexer.next()) {
      seen.add(token.kind).add(token.text);
    }
  }
  const words = [RANGE_OP_OF, VECTOR_OP_OF, CONVERSION_OF, WORD_KINDS].flatMap((map) => [...map.keys()]);
  const signs = [...SIGN_KINDS.keys()].filter((sign) => sign !== '.' && sign !== ']');
  const others = ['VECTOR', 'label_replace', 'ip', 'DURATION', 'BYTES', 'RANGE', '--strict', '--keep-empty'];
  expect([...words, ...signs, ...others].filter((word) => !seen.has(word))).toEqual([]);
});

describe.each(ROWS)('$construct', ({ query }) => {
  test('is printed as what it is', () => {
    const expr = parseLogQL(query);
    expect(parseLogQL(printExpr(expr))).toEqual(expr);
    expect(parseLogQL(prettyPrint(expr))).toEqual(expr);
  });

  test('runs, and explains every stage of it', async () => {
    const answer = await (await system()).ask(query, { explain: 'analyze', ...modeOf(query) });
    const text = answer.explain!;
    expect(text).not.toMatch(/\[object |undefined|\bnull\b|=NaN|\w=[ \n]|function \(/);
    expect(text.split('\n').filter((line) => line !== line.trimEnd())).toEqual([]);
    expect(text).toMatch(/^Logical plan\n=+\n%1 = /);
    expect(text).toContain('\nWorkflow\n');
    const logical = text.slice(0, text.indexOf('\nPhysical plan\n'));
    for (const string of stringsOf(query)) expect(logical).toContain(quoteGo(string));
  });

  test('answers the same forwards and backwards, as a range and as an instant', async () => {
    if (parseLogQL(query).kind === 'log') {
      const one = await system();
      const backward = await one.ask(query);
      const forward = await one.ask(query, { direction: 'forward' });
      expect(linesOf(forward.result)).toEqual(linesOf(backward.result));
      return;
    }
    const time = T0 + 60n * SECOND;
    const instant = await (await system()).ask(query, { mode: 'instant', start: time, end: time, stepNs: 0 });
    expect(['vector', 'scalar']).toContain(instant.result.type);
    if (query.includes('approx_topk') || instant.result.type !== 'vector') return;
    const range = await (await system()).ask(query, { start: time, end: time });
    if (range.result.type !== 'matrix') throw new Error(range.result.type);
    const values = ({ labels }: { readonly labels: unknown }, value: number | undefined) => [
      JSON.stringify(labels),
      value,
    ];
    expect(range.result.series.map((one) => values(one, one.values[0])).sort()).toEqual(
      instant.result.samples.map((one) => values(one, one.value)).sort(),
    );
  });
});

function stringsOf(query: string): readonly string[] {
  const lexer = new Lexer(query);
  const strings: string[] = [];
  for (let token = lexer.next(); token.kind !== '$end'; token = lexer.next()) {
    if (token.kind === 'STRING') strings.push(token.text);
  }
  return strings;
}

function linesOf(result: Awaited<ReturnType<QuerySystem['ask']>>['result']): readonly string[] {
  if (result.type !== 'streams') throw new Error(result.type);
  return result.streams.flatMap(({ entries }) => entries.map(({ time, line }) => `${time} ${line}`)).sort();
}
