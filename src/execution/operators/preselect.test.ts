import { describe, expect, it } from 'vitest';
import { QuerySystem, T0 } from '../../../test/support/query-system.js';

const LINES = ['{"a":"x","n":1}', 'a=x n=2', '{"a":"y","n":3}', '{"a":"x","n":', 'a="x" b=7'];

/** A sampling interval keeps a query from being projected late, and one of 1 ns keeps every row. */
const AT_ONCE = { intervalNs: 1 };

async function answer(query: string, more: { limit: number; intervalNs?: number }): Promise<string> {
  const system = new QuerySystem();
  system.push(LINES.map((line, i) => ({ labels: { app: 'z' }, time: T0 + BigInt(i), line })));
  await system.flush();
  const { result } = await system.ask(query, more);
  return JSON.stringify(result, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
}

describe('preselect', () => {
  const queries = [
    '{app="z"} | json | logfmt | drop __error__, __error_details__ | a="x"',
    '{app="z"} | json | a="x"',
    '{app="z"} | json | n >= 2',
    '{app="z"} | json | __error__!=""',
    '{app="z"} | logfmt | line_format "{{ div 1 .b }}" | b > 3',
    '{app="z"} | json | label_format b=a | b="x" | line_format "{{.n}}"',
    '{app="z"} | json | line_format "{{.a}}" |= "x" | n!=""',
    '{app="z"} | json | keep a | a!=""',
  ];
  it.each(queries)('%s has all labels, lines and errors as if all had been computed at once', async (query) => {
    for (const limit of [1, 2, 100]) {
      expect(await answer(query, { limit })).toBe(await answer(query, { limit, ...AT_ONCE }));
    }
    expect(await answer(query, { limit: 100 })).not.toContain('"streams":[]');
  });
});
