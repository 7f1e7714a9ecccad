/** `npm run sim -- --seeds N [--from N]`, or `--seed N [--trace]`. */
import { parseArgs } from 'node:util';
import { failureText, Sweep } from './sweep.js';

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
const options = values.trace ? { print: (line: string) => console.log(line) } : {};
const sweep = new Sweep();
const startedMs = performance.now();
for (let seed = first; seed < first + count; seed++) {
  const failures = sweep.failures.length;
  await sweep.add(seed, options);
  for (const failure of sweep.failures.slice(failures)) console.log(`\n${failureText(failure)}\n`);
}
const seconds = (performance.now() - startedMs) / 1000;
console.log(sweep.summary());
console.log(
  `${seconds.toFixed(1)} s, ${((1000 * seconds) / (2 * count)).toFixed(0)} ms a run, ` +
    `${Math.round((2 * sweep.totals.events) / seconds)} events/s, seeds ${first} to ${first + count - 1}`,
);
process.exitCode = sweep.failures.length > 0 ? 1 : 0;
