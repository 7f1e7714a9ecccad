import { describe, expect, it } from 'vitest';
import { jsonPush } from '../../../test/support/client.js';
import { SeededRandom } from '../../../test/support/random.js';
import { SimScheduler } from '../../../test/support/sim-scheduler.js';
import { openEntries } from '../../wire/entries.js';
import { fault } from '../../wire/fault.js';
import { DEFAULT_LIMITS } from '../../wire/limits.js';
import type { Message, Reply } from '../../wire/message.js';
import { LocalRouter } from '../runtime/router-local.js';
import { Distributor } from './actor.js';
import { DEFAULT_DISTRIBUTOR_SETTINGS } from './settings.js';

/** Never rings. */
const clock = { now: () => 1_000_000_000n, monotonicMs: () => 0, after: () => () => undefined };

/** Pushes one entry to a distributor whose ingesters answer in turn; what was told about it to whom. */
async function told(replicas: readonly Reply[], patterns?: string): Promise<{ reply: Reply; heard: Message[] }> {
  const router = new LocalRouter({ clock });
  const heard: Message[] = [];
  router.register('patterns/0', ({ message }) => heard.push(message));
  const owners = replicas.map((reply, i) => {
    router.register(`ingester/${i}`, ({ ask }) => ask?.reply(reply));
    return String(i);
  });
  new Distributor(
    'distributor/0',
    {
      ...{ router, clock, self: 'd/1', ring: { owners: () => owners, distributors: 1 }, limits: () => DEFAULT_LIMITS },
      ...(patterns === undefined ? {} : { patterns: () => patterns }),
      ...{ ingesterAddress: (owner) => `ingester/${owner}`, onCounts: () => undefined },
    },
    { ...DEFAULT_DISTRIBUTOR_SETTINGS, replicationFactor: replicas.length },
  );
  const body = Buffer.from(jsonPush([{ labels: { app: 'x' }, entries: [{ time: 1n, line: 'a line' }] }]));
  const request = { tenant: 't', contentType: 'application/json', body, format: 'loki' as const };
  const reply = await router.ask('test', 'distributor/0', { kind: 'push', request }, { timeoutMs: 1000 });
  await Promise.resolve();
  return { reply, heard };
}

const OK: Reply = { kind: 'ok' };
const REFUSED: Reply = { kind: 'fault', fault: fault('unavailable', 'the disk is full') };

describe('patterns hear of a batch', () => {
  it('that is durable', async () => {
    const { reply, heard } = await told([OK], 'patterns/0');
    expect(reply).toEqual(OK);
    expect(heard).toHaveLength(1);
    const [message] = heard;
    expect(message!.kind === 'patterns.learn' && openEntries(message!.batch).streams[0]).toContain('app="x"');
  });

  it('once, however many replicas have it', async () => {
    expect((await told([OK, OK, OK], 'patterns/0')).heard).toHaveLength(1);
  });

  it('not when nobody has it', async () => {
    expect((await told([REFUSED], 'patterns/0')).heard).toEqual([]);
  });

  it('not where they are not kept', async () => {
    expect((await told([OK])).heard).toEqual([]);
  });
});

describe('replicas', () => {
  it('are told the name of what they are sent, and one is asked to own it when the owner is silent', async () => {
    const time = new SimScheduler(new SeededRandom(1), 0);
    const router = new LocalRouter({ clock: time });
    const heard: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      router.register(`ingester/${name}`, ({ message, ask }) => {
        if (message.kind === 'append') heard.push(`${name} ${message.copy?.origin} ${message.copy?.seq}`);
        else if (message.kind === 'append.own') heard.push(`${name} owns ${message.origin} ${message.seq}`);
        if (name !== 'a') ask?.reply(OK);
      });
    }
    const ring = { owners: () => ['a', 'b', 'c'], distributors: 1 };
    new Distributor(
      'distributor/0',
      {
        ...{ router, clock: time, self: 'd/1', ring, limits: () => ({ ...DEFAULT_LIMITS, reject_old_samples: false }) },
        ...{ ingesterAddress: (owner) => `ingester/${owner}`, onCounts: () => undefined },
      },
      { ...DEFAULT_DISTRIBUTOR_SETTINGS, replicationFactor: 3 },
    );
    const body = Buffer.from(jsonPush([{ labels: { app: 'x' }, entries: [{ time: 1n, line: 'a line' }] }]));
    const request = { tenant: 't', contentType: 'application/json', body, format: 'loki' as const };
    let reply: Reply | undefined;
    const answered = router.ask('test', 'distributor/0', { kind: 'push', request }, { timeoutMs: 60_000 });
    void answered.then((value) => {
      reply = value;
    });
    await time.settle();
    await time.advance(999);
    expect(reply).toBeUndefined();
    await time.advance(1);
    await time.settle();
    expect(reply).toEqual(OK);
    expect(heard).toEqual(['a d/1.0/a/t 1', 'b d/1.0/a/t 1', 'c d/1.0/a/t 1', 'b owns d/1.0/a/t 1']);
  });
});
