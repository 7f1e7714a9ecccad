import { describe, expect, it } from 'vitest';
import { QuerySystem, SECOND, T0 } from '../../../test/support/query-system.js';

async function analysisOf(query: string): Promise<readonly string[]> {
  const system = new QuerySystem();
  const row = (i: number) => ({ labels: { app: 'x' }, line: `v=${i}`, time: T0 + BigInt(i) * SECOND, metadata: [] });
  system.push([row(0), row(1)]);
  await system.flush();
  system.push([row(2)]);
  const { explain } = await system.ask(query, { explain: 'analyze' });
  const lines = explain!.slice(explain!.indexOf('\nAnalysis\n')).split('\n');
  return lines.slice(lines.indexOf('', 3) + 1).map((line) => line.replace(/ +(?=rows=)/, ' ').replace(/ time=.*/, ''));
}

describe('explain=analyze', () => {
  it('tells tasks of different kinds apart, with operators named as in the plan', async () => {
    expect(await analysisOf('{app="x"} | logfmt')).toEqual([
      '1 task',
      '  TopK rows=1 batches=1',
      '    Compat rows=1 batches=1',
      '      LiveScan rows=1 batches=1',
      '1 task',
      '  TopK rows=2 batches=1',
      '    Compat rows=2 batches=1',
      '      DataObjScan rows=2 batches=1',
      '1 task',
      '  Compat rows=3 batches=1',
      '    Projection rows=3 batches=1',
      '      TopK rows=3 batches=1',
      '',
    ]);
  });

  it('adds up tasks of one kind', async () => {
    const lines = await analysisOf('sum(count_over_time({app="x"}[1m])) or count_over_time({app="x"}[1m])');
    expect(lines.filter((line) => / tasks?$/.test(line)).length).toBeLessThan(lines.length / 2);
    expect(lines).toContain('  Join rows=2 batches=1');
    expect(lines.join('\n')).not.toMatch(/undefined|\[object|NaN/);
  });
});
