/** `npm run oracle -- --queries N --seed N`: more random queries than a test run has time for. */
import { checkRandomQueries, countsText, newCounts } from './check.js';

const QUERIES_EACH = 20;
const DATA_SETS_EACH = 50;
const ROUNDS_BETWEEN_REPORTS = 5;

function option(name: string, fallback: number): number {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
}

/** What failed is in the cause; the error itself holds the whole case as fast-check prints it. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

const queries = option('queries', 5000);
const firstSeed = option('seed', Date.now() % 1_000_000);
const rounds = Math.ceil(queries / (QUERIES_EACH * DATA_SETS_EACH));
const counts = newCounts();
let disagreements = 0;
console.log(`${rounds} rounds of ${QUERIES_EACH * DATA_SETS_EACH} queries, seeds from ${firstSeed}`);
for (let round = 1; round <= rounds; round++) {
  const seed = firstSeed + round - 1;
  try {
    await checkRandomQueries({ seed, dataSets: DATA_SETS_EACH, queriesEach: QUERIES_EACH, counts });
  } catch (error) {
    disagreements++;
    console.log(`disagreement in the round of seed ${seed}: ${messageOf(error)}`);
  }
  if (round % ROUNDS_BETWEEN_REPORTS === 0 || round === rounds) console.log(`round ${round}: ${countsText(counts)}`);
}
console.log(`${disagreements} rounds with a disagreement`);
process.exitCode = disagreements > 0 ? 1 : 0;
