/** `npm run oracle -- --queries N --seed N`: more random queries than a test run has time for. */
import { checkRandomQueries, countsText, newCounts } from './check.js';

const QUERIES_EACH = 20;
const DATA_SETS_EACH = 50;

function option(name: string, fallback: number): number {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
}

const queries = option('queries', 5000);
const seed = option('seed', Date.now() % 1_000_000);
console.log(`seed ${seed}, ${queries} queries`);
const total = newCounts();
let disagreements = 0;
for (let round = 0; total.queries < queries; round++) {
  try {
    const counts = await checkRandomQueries({
      seed: seed + round,
      dataSets: DATA_SETS_EACH,
      queriesEach: QUERIES_EACH,
    });
    for (const key of ['queries', 'agreed', 'empty', 'failed', 'invalid'] as const) total[key] += counts[key];
    for (const [reason, count] of counts.exempt) total.exempt.set(reason, (total.exempt.get(reason) ?? 0) + count);
    if (round % 5 === 4) console.log(countsText(total));
  } catch (error) {
    disagreements++;
    total.queries += DATA_SETS_EACH * QUERIES_EACH;
    console.log(
      `round ${round} (seed ${seed + round}): ${error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : error}`,
    );
  }
}
console.log(countsText(total));
console.log(`${disagreements} rounds with a disagreement`);
process.exitCode = disagreements > 0 ? 1 : 0;
