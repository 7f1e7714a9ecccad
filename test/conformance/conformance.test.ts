/** Cases of a reference Loki, asked twice: of data in memory, and of the same data in objects. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { LokiClient } from '../support/client.js';
import { type Case, difference, readCases, readDataset, readKnownDifferences } from '../support/conformance.js';
import { startServer } from '../support/server.js';

const CONCURRENCY = 4;

/** As the reference was set up. */
const SETTINGS = [
  'limits.max_entries_limit_per_query=50000',
  'limits.max_query_series=100000',
  'limits.shard_aggregations=[approx_topk]',
];

const cases = readCases();
const known = readKnownDifferences();
const areas = [...new Set(cases.map(({ area }) => area))];
/** By id: how each case differs, and where the data lay. */
const differences = new Map<string, string>();

beforeAll(async () => {
  const { client } = await startServer({ settings: SETTINGS });
  for (const body of readDataset()) {
    const { status, body: text } = await client.pushRaw(body, { 'content-type': 'application/json' });
    expect({ status, text }).toEqual({ status: 204, text: '' });
  }
  const inMemory = await askAll(client, 'in memory');
  await client.flush();
  const inObjects = await askAll(client, 'in objects');
  console.log(`conformance: ${inMemory} of ${cases.length} cases agree in memory, ${inObjects} in objects`);
}, 240_000);

/** Returns how many agree. */
async function askAll(client: LokiClient, place: string): Promise<number> {
  const waiting = [...cases];
  let agreeing = 0;
  async function work(): Promise<void> {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const how = await ask(client, next);
      if (how === undefined) agreeing++;
      else differences.set(next.id, `${place}: ${how}`);
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  return agreeing;
}

async function ask(client: LokiClient, question: Case): Promise<string | undefined> {
  const { status, body } = await client.get(question.path, question.params);
  return difference(question, { status, body: status < 400 ? JSON.parse(body) : body });
}

describe('answers agree with those of a reference Loki', () => {
  it.each(areas)('%s', (area) => {
    const unexpected = cases
      .filter((each) => each.area === area && differences.has(each.id) && !known.has(each.id))
      .map(({ id, path, params }) => `${id} ${path} ${JSON.stringify(params)}\n    ${differences.get(id)}`);
    expect(unexpected.join('\n')).toBe('');
  });

  it('except for the known differences, all of which are still there', () => {
    const gone = [...known.keys()].filter((id) => !differences.has(id));
    expect(gone, 'agree now, or are no cases: take them off known-differences.txt').toEqual([]);
  });

  it('each known difference has a reason', () => {
    expect([...known].filter(([, reason]) => reason.length < 10)).toEqual([]);
  });
});
