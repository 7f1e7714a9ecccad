/** What the clients look at: four services, partly in objects and partly in memory. */
import { HOUR, type LokiClient, type PushStream, SECOND } from '../../../support/client.js';
import type { SampleEntry } from '../../../support/push.js';

export const MINUTE = 60n * SECOND;
export const DAY = 24n * HOUR;
/** One entry a second of every stream of the first three services. */
export const SECONDS = 600;
export const PODS = ['checkout-0', 'checkout-1'];
export const LEVELS = ['info', 'warn', 'error', 'debug'] as const;
/** Entries of `billing`, one in ten minutes, for three days. */
export const BILLS = 3 * 24 * 6;
/** Entries of `burst`: seven at a time. */
export const BURST = 300;
const BURST_WIDTH = 7;

export const levelOf = (i: number): string => LEVELS[i % LEVELS.length]!;

/** JSON with an object in it, a duration, a size and a number. */
export function checkoutLine(i: number): string {
  return JSON.stringify({
    level: levelOf(i),
    method: ['GET', 'POST'][i % 2],
    took: `${i % 50}ms`,
    size: `${(i % 9) + 1}KB`,
    ratio: (i % 10) / 10 + 0.05,
    user: { id: i % 7 },
    msg: 'order "placed"',
  });
}

export function gatewayLine(i: number): string {
  return `level=${levelOf(i)} method=GET path=/api/items/${i % 5} status=${i % 4 === 2 ? 500 : 200} duration=${i % 50}ms`;
}

export function workerLine(i: number): string {
  return i % 4 === 2 ? `ERROR job ${i} failed: timeout after ${i % 30}s` : `INFO job ${i} done in ${i % 30}s`;
}

export const billingLine = (i: number): string => `invoice ${i} sent`;
export const burstLine = (i: number): string => `burst ${i}`;

function entries(epoch: bigint, count: number, every: bigint, line: (i: number) => string): SampleEntry[] {
  return Array.from({ length: count }, (_, i) => ({ time: epoch + BigInt(i) * every, line: line(i) }));
}

/** All streams from `epoch` on; services of three days and of bursts begin a minute later. */
export function dataset(epoch: bigint): readonly PushStream[] {
  const traced = entries(epoch, SECONDS, SECOND, checkoutLine).map((entry, i) => ({
    ...entry,
    metadata: [['trace_id', `trace-${i % 20}`]] as const,
  }));
  return [
    ...PODS.map((pod) => ({ labels: { service_name: 'checkout', env: 'prod', pod }, entries: traced })),
    { labels: { service_name: 'gateway', env: 'prod' }, entries: entries(epoch, SECONDS, SECOND, gatewayLine) },
    { labels: { app: 'worker', env: 'dev' }, entries: entries(epoch, SECONDS, SECOND, workerLine) },
  ];
}

export function billing(epoch: bigint): readonly PushStream[] {
  return [{ labels: { service_name: 'billing' }, entries: entries(epoch + MINUTE, BILLS, 10n * MINUTE, billingLine) }];
}

/** Many entries of one time, in two streams. */
export function burst(epoch: bigint): readonly PushStream[] {
  return ['a', 'b'].map((part, p) => ({
    labels: { service_name: 'burst', part },
    entries: Array.from({ length: BURST }, (_, i) => ({
      time: epoch + BigInt(Math.floor(i / BURST_WIDTH)) * SECOND,
      line: burstLine(2 * i + p),
    })),
  }));
}

/** The older half of each stream goes to objects, the younger one stays in memory. */
export async function pushHalves(client: LokiClient, streams: readonly PushStream[]): Promise<void> {
  const middle = (all: readonly SampleEntry[]): number => Math.ceil(all.length / 2);
  await client.push(streams.map(({ labels, entries: all }) => ({ labels, entries: all.slice(0, middle(all)) })));
  await client.flush();
  await client.push(streams.map(({ labels, entries: all }) => ({ labels, entries: all.slice(middle(all)) })));
}
