/** `npm run sim -- --seeds N [--from N]` or `--seed N [--trace]`. */
import { parseArgs } from 'node:util';
import { type Outcome, simulate } from './simulate.js';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    trace: { type: 'boolean', default: false },
  },
});

const first = Number(values.seed ?? values.from);
const count = values.seed === undefined ? Number(values.seeds) : 1;
const startedMs = performance.now();
const totals = { simulatedMs: 0, events: 0, messages: 0, sent: 0, acknowledged: 0, found: 0, stored: 0 };
const faults: Record<string, number> = {};
const tallies: Record<string, number> = {};
let failed = 0;

for (let seed = first; seed < first + count; seed++) {
  const outcome = await simulate(seed, values.trace ? { print: (line) => console.log(line) } : {});
  const again = await simulate(seed);
  add(outcome);
  if (outcome.failure !== undefined) report(outcome, outcome.failure);
  else if (again.hash !== outcome.hash) report(outcome, 'a second run of the same seed went another way');
}
summary();
process.exitCode = failed > 0 ? 1 : 0;

function add(outcome: Outcome): void {
  for (const key of Object.keys(totals) as (keyof typeof totals)[]) totals[key] += outcome[key];
  for (const [kind, times] of Object.entries(outcome.faults)) faults[kind] = (faults[kind] ?? 0) + times;
  for (const [kind, times] of Object.entries(outcome.tally)) tallies[kind] = (tallies[kind] ?? 0) + times;
}

function report(outcome: Outcome, claim: string): void {
  failed++;
  console.log(`\nseed ${outcome.seed} FAILED: ${claim}\n`);
  for (const line of outcome.trace.slice(-25)) console.log(`  ${line.slice(0, 240)}`);
  console.log(`\n  again, with everything that happens: npm run sim -- --seed ${outcome.seed} --trace\n`);
}

function summary(): void {
  const seconds = (performance.now() - startedMs) / 1000;
  const sorted = (counts: Record<string, number>): string =>
    Object.entries(counts)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([kind, times]) => `${kind} ${times}`)
      .join(', ');
  const { simulatedMs, events, messages, sent, acknowledged, found, stored } = totals;
  console.log(`${count} seeds from ${first}, each run twice: ${failed} failed`);
  console.log(`${(simulatedMs / 3_600_000).toFixed(2)} simulated hours, ${events} events, ${messages} messages`);
  console.log(`lines: ${sent} sent, ${acknowledged} acknowledged, ${found} found, ${stored} rows stored`);
  console.log(`       ${(stored / Math.max(1, found)).toFixed(3)} rows stored for each line`);
  console.log(`clients: ${sorted(tallies)}`);
  console.log(`faults: ${sorted(faults)}`);
  console.log(`${seconds.toFixed(1)} s, ${((2000 * seconds) / (2 * count * 2)).toFixed(0)} ms a run, ${Math.round((2 * events) / seconds)} events/s`);
}
