import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { judge } from '../chaos/verdict.js';
import { Writer } from '../chaos/writer.js';
import { CLUSTER_TIMEOUT_MS, TestCluster } from '../support/cluster.js';
import { HAS_NATS, NatsServer } from '../support/nats.js';

const PROCESSES = {
  ...{ i1: 'ingester', i2: 'ingester', i3: 'ingester', d1: 'distributor', d2: 'distributor' },
  ...{ q1: 'querier,scheduler', q2: 'querier,scheduler', w1: 'worker', w2: 'worker' },
};
const STARTED_S = Math.floor(Date.now() / 1000) - 60;

/** As a load balancer does: who does not answer, or says that it is not the one to ask, is passed over once. */
async function ask(urls: readonly string[], path: string): Promise<unknown> {
  let why = '';
  for (const url of urls) {
    try {
      const answer = await fetch(url + path, { signal: AbortSignal.timeout(20_000) });
      if (answer.ok) return await answer.json();
      why += `\n${url} ${answer.status} ${await answer.text()}`;
      if (answer.status !== 503) break;
    } catch (error) {
      why += `\n${url} ${String(error)}`;
    }
  }
  throw new Error(why);
}

async function countOf({ client }: Writer, urls: readonly string[]): Promise<number> {
  const query = `sum(count_over_time({job="chaos",client="${client}"}[${Math.ceil(Date.now() / 1000) - STARTED_S + 10}s]))`;
  const path = `/loki/api/v1/query?query=${encodeURIComponent(query)}&time=${Date.now() + 5_000}000000`;
  const { data } = (await ask(urls, path)) as { data: { result: { value: [number, string] }[] } };
  return Number(data.result[0]?.value[1] ?? 0);
}

async function numbersOf({ client }: Writer, urls: readonly string[]): Promise<number[]> {
  const query = encodeURIComponent(`{job="chaos",client="${client}"}`);
  const span = `start=${STARTED_S}000000000&end=${Date.now() + 5_000}000000&limit=1000000&direction=forward`;
  const { data } = (await ask(urls, `/loki/api/v1/query_range?query=${query}&${span}`)) as {
    data: { result: { values: [string, string][] }[] };
  };
  return data.result.flatMap(({ values }) => values.map(([, line]) => Number(/^n=(\d+)/.exec(line)![1])));
}

describe.skipIf(!HAS_NATS)('a rolling restart of every process under load', { timeout: CLUSTER_TIMEOUT_MS }, () => {
  it('loses no line, shows none twice, and fails no query', async () => {
    const nats = await NatsServer.start();
    const cluster = await TestCluster.start({ nats: nats.url, processes: PROCESSES });
    const urls = (...names: string[]): string[] => names.map((name) => cluster.server(name).url);
    const writers = ['a', 'b'].map(
      (client) => new Writer({ client, urls: urls('d1', 'd2'), linesPerBatch: 10, batchesPerSecond: 10 }),
    );
    const writing = writers.map((writer) => writer.run());
    let isOver = false;
    const wrong: string[] = [];
    let answers = 0;
    const reading = (async () => {
      for (let turn = 0; !isOver; turn++) {
        const writer = writers[turn % 2]!;
        const least = writer.acknowledged.size;
        const [q1, q2] = urls('q1', 'q2') as [string, string];
        const count = await countOf(writer, turn % 4 < 2 ? [q1, q2] : [q2, q1]).catch((error: Error) => {
          wrong.push(error.message);
        });
        if (count !== undefined && (count < least || count > writer.sent)) {
          wrong.push(`${count} lines; ${least} had been acknowledged and ${writer.sent} sent`);
        }
        answers++;
        await delay(100);
      }
    })();
    for (const name of Object.keys(PROCESSES)) {
      await cluster.server(name).restart('SIGTERM');
      await cluster.ready();
    }
    for (const writer of writers) writer.stop();
    await Promise.all(writing);
    isOver = true;
    await reading;
    expect(wrong).toEqual([]);
    expect(answers).toBeGreaterThan(20);
    for (const writer of writers) {
      const verdict = judge(writer, await numbersOf(writer, urls('q1')));
      expect(verdict).toMatchObject({ lostPrefix: [], lostSuffix: [], lostMiddle: [], duplicated: [], invented: [] });
      expect(verdict.acknowledged).toBeGreaterThan(100);
    }
    await nats.stop();
  });
});
