/** Pushes of agents as they send them: what was taken is found, and what was not says whether to send it again. */
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { BASE, HOUR, type LokiClient, SECOND } from '../../../support/client.js';
import { snappyPush } from '../../../support/push.js';
import { startServer } from '../../../support/server.js';

const LINES = ['first "line"', 'second\tline ü'];
const METADATA = { trace_id: 'abc' };

interface Agent {
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: (labels: Readonly<Record<string, string>>) => string | Uint8Array;
  /** Whether it sends structured metadata. */
  readonly metadata?: boolean;
}

const timeOf = (i: number): bigint => BASE + BigInt(i) * SECOND;

function jsonBody(labels: Readonly<Record<string, string>>, metadata?: Readonly<Record<string, string>>): string {
  const values = LINES.map((line, i) => [String(timeOf(i)), line, ...(metadata ? [metadata] : [])]);
  return JSON.stringify({ streams: [{ stream: labels, values }] });
}

function protobufBody(labels: Readonly<Record<string, string>>, metadata: Readonly<Record<string, string>> = {}) {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  const entries = LINES.map((line, i) => ({ time: timeOf(i), line, metadata: Object.entries(metadata) }));
  return snappyPush([{ labels: `{${pairs.join(', ')}}`, entries }]);
}

const JSON_TYPE = { 'content-type': 'application/json' };
const PROTOBUF_TYPE = { 'content-type': 'application/x-protobuf' };

const AGENTS: readonly Agent[] = [
  { name: 'promtail', headers: { ...PROTOBUF_TYPE, 'user-agent': 'promtail/3.6.2' }, body: protobufBody },
  {
    name: 'Alloy',
    headers: { ...PROTOBUF_TYPE, 'user-agent': 'Alloy/v1.11.0 (linux; docker)', 'x-agent-id': 'b1' },
    body: (labels) => protobufBody(labels, METADATA),
    metadata: true,
  },
  {
    name: 'Fluent Bit',
    headers: { ...JSON_TYPE, 'user-agent': 'Fluent-Bit' },
    body: (labels) => jsonBody(labels, METADATA),
    metadata: true,
  },
  {
    name: 'Fluent Bit, compressed',
    headers: { ...JSON_TYPE, 'user-agent': 'Fluent-Bit', 'content-encoding': 'gzip' },
    body: (labels) => gzipSync(jsonBody(labels)),
  },
  {
    name: 'Vector, compressed JSON',
    headers: { ...JSON_TYPE, 'user-agent': 'Vector/0.50.0', 'content-encoding': 'gzip' },
    body: (labels) => gzipSync(jsonBody(labels)),
  },
  {
    name: 'Vector, protobuf',
    headers: { ...PROTOBUF_TYPE, 'user-agent': 'Vector/0.50.0', 'content-encoding': 'snappy' },
    body: protobufBody,
  },
  {
    name: 'Logback appender',
    headers: { 'content-type': 'application/json; charset=UTF-8', 'user-agent': 'Java-http-client/21' },
    body: jsonBody,
  },
  {
    name: 'Python handler',
    headers: { ...JSON_TYPE, 'user-agent': 'python-requests/2.32', accept: '*/*', connection: 'keep-alive' },
    body: jsonBody,
  },
];

describe('a push', () => {
  let client: LokiClient;

  beforeAll(async () => {
    ({ client } = await startServer());
  });

  it.each(AGENTS)(
    'of $name is taken with 204 and nothing else, and found',
    async ({ name, headers, body, metadata }) => {
      const answer = await client.pushRaw(body({ job: name }), headers);
      expect({ status: answer.status, body: answer.body }).toEqual({ status: 204, body: '' });
      const { entries } = await client.range(`{job="${name}"}`, { direction: 'forward' });
      expect(entries.map(({ time, line }) => [time, line])).toEqual(LINES.map((line, i) => [timeOf(i), line]));
      for (const { labels } of entries) {
        expect(labels).toMatchObject({ job: name, service_name: name, ...(metadata ? METADATA : {}) });
      }
    },
  );

  it('that can never be taken is 400 with the reason, so that nobody tries again', async () => {
    for (const body of ['{"streams":', '{"streams":[{"stream":{"a b":"x"},"values":[["1","x"]]}]}']) {
      const { status, body: reason, headers } = await client.pushRaw(body, JSON_TYPE);
      expect(status).toBe(400);
      expect(headers.get('retry-after')).toBeNull();
      expect(reason).toMatch(/\S.*\n$/s);
    }
  });
});

it('a push over the rate is 429 with a time to wait, and taken when sent again later', async () => {
  const settings = ['limits.ingestion_rate_mb=0.02', 'limits.ingestion_burst_size_mb=0.02'];
  const { client } = await startServer({ settings });
  const entries = [{ time: BASE, line: 'x'.repeat(15_000) }];
  await client.push([{ labels: { job: 'a' }, entries }]);
  const refused = await client.tryPush([{ labels: { job: 'b' }, entries }]);
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(refused.body).toMatch(/^ingestion rate limit exceeded/i);
  await expect
    .poll(async () => (await client.tryPush([{ labels: { job: 'b' }, entries }])).status, {
      timeout: 10_000,
      interval: 200,
    })
    .toBe(204);
  expect((await client.range('{job="b"}', { end: BASE + HOUR })).entries).toHaveLength(1);
});
