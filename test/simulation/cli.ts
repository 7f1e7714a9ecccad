/** `npm run sim -- --seeds N [--from M]`, or `--seed N [--trace]`; `--log jetstream`. Fails when a seed does; Ctrl-C ends it with a report. */
import { parseArgs } from 'node:util';
import type { RunOptions } from './simulate.js';
import { failureText, Sweep } from './sweep.js';

const PROGRESS_MS = 10_000;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    trace: { type: 'boolean', default: false },
    log: { type: 'string', default: 'ring' },
  },
});

const first = Number(values.seed ?? values.from);
const count = values.seed === undefined ? Number(values.seeds) : 1;
if (!Number.isSafeInteger(first) || !Number.isSafeInteger(count))
  throw new Error('--seed, --seeds and --from are numbers');
const { log } = values;
if (log !== 'ring' && log !== 'jetstream') throw new Error('--log is ring or jetstream');
const options: RunOptions = { log, ...(values.trace && { print: (line: string) => console.log(line) }) };
const sweep = new Sweep();
let isInterrupted = false;
process.once('SIGINT', () => (isInterrupted = true));
let printedMs = performance.now();
for (let seed = first; seed < first + count && !isInterrupted; seed++) {
  const failures = sweep.failures.length;
  await sweep.add(seed, options);
  for (const failure of sweep.failures.slice(failures)) console.log(`\n${failureText(failure)}\n`);
  if (performance.now() < printedMs + PROGRESS_MS) continue;
  printedMs = performance.now();
  const each = cpuSeconds() / sweep.seeds;
  console.log(
    `${sweep.seeds} of ${count} seeds, ${sweep.failures.length} failed, ${sweep.simulatedHours.toFixed(1)} simulated hours; ` +
      `${Math.round(each * (count - sweep.seeds))} s of CPU to go`,
  );
}
const seconds = cpuSeconds();
console.log(sweep.summary());
console.log(
  `seeds ${first} to ${first + sweep.seeds - 1}: ${seconds.toFixed(1)} s of CPU, ` +
    `${((1000 * seconds) / Math.max(1, 2 * sweep.seeds)).toFixed(0)} ms a run`,
);
process.exitCode = sweep.failures.length > 0 ? 1 : 0;

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
