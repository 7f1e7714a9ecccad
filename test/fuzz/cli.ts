/** npm run fuzz -- [--inputs N] [--seed S] [--target NAME] [--only INPUT]: see docs/testing.md. */
import { parseArgs } from 'node:util';
import { jobsFor } from './jobs.js';
import { type FuzzReport, fuzz } from './run.js';
import { TARGETS } from './targets/all.js';

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    target: { type: 'string' },
    only: { type: 'string' },
  },
});
const seed = Number(values.seed);
const targets = TARGETS.filter(({ name }) => values.target === undefined || name === values.target);
if (targets.length === 0)
  throw new Error(`no target ${values.target}; there are ${TARGETS.map(({ name }) => name).join(', ')}`);
const jobs =
  values.only === undefined
    ? jobsFor(targets, Number(values.inputs))
    : targets.map(({ name }) => ({ target: name, first: Number(values.only), inputs: 1 }));

function show({ target, inputs, accepted, seconds, slowestMs, slowest, heapMB }: FuzzReport): void {
  const columns = [
    target.padEnd(12),
    String(inputs).padStart(9),
    `${Math.round((100 * accepted) / inputs)}%`.padStart(9),
    seconds.toFixed(1).padStart(8),
    slowestMs.toFixed(1).padStart(11),
    `#${slowest}`.padStart(9),
    heapMB.toFixed(0).padStart(8),
  ];
  console.log(columns.join(' '));
}

console.log(`seed ${seed}`);
console.log('target          inputs  accepted  seconds  slowest ms    input  heap MB');
const { reports, failures } = await fuzz(jobs, seed, show);
console.log(`${reports.reduce((sum, { inputs }) => sum + inputs, 0)} inputs, ${failures.length} failures`);
for (const { target, input, why } of failures) {
  console.log(`\n${target}: again with --target ${target} --seed ${seed} --only ${input}\n${why}`);
}
process.exitCode = failures.length === 0 ? 0 : 1;
