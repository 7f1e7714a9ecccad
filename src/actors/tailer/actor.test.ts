import { beforeEach, describe, expect, it } from 'vitest';
import { EMPTY_ANSWER } from '../../../test/support/api.js';
import { entriesOf, type Row } from '../../../test/support/entries.js';
import { SeededRandom } from '../../../test/support/random.js';
import { SimScheduler } from '../../../test/support/sim-scheduler.js';
import { transferred } from '../../../test/support/transfer.js';
import type { Envelope } from '../../wire/envelope.js';
import { fault } from '../../wire/fault.js';
import { labelsOf } from '../../wire/labels.js';
import { DEFAULT_LIMITS } from '../../wire/limits.js';
import type { Message, Reply } from '../../wire/message.js';
import type { TailSubscribe } from '../../wire/messages/following.js';
import type { QueryRequest } from '../../wire/query.js';
import type { TailRequest } from '../../wire/tail.js';
import { LocalRouter } from '../runtime/router-local.js';
import { Tailer } from './actor.js';
import { DEFAULT_TAILER_SETTINGS } from './settings.js';

const REQUEST: TailRequest = {
  ...{ tenant: 't', query: '{app="a"}', start: 5n, limit: 10, delayMs: 0, categorizeLabels: false, tags: 'Source=x' },
};
const OK: Reply = { kind: 'ok' };
const NO_PAST: Reply = { kind: 'answer', answer: EMPTY_ANSWER };
const REFUSAL: Reply = { kind: 'fault', fault: fault('unavailable', 'starting') };

let clock: SimScheduler;
let router: LocalRouter;
let tailer: Tailer;
/** What ingester and querier were told, and what they say. */
let heard: Message[];
let ofIngester: Reply;
/** Null = when the test says so. */
let ofQuerier: Reply | null;
let ingesters: string[];
let answerLater: (reply: Reply) => void;

beforeEach(() => {
  clock = new SimScheduler(new SeededRandom(1), 1_793_577_600_000);
  router = new LocalRouter({ clock, transfer: transferred });
  heard = [];
  ofIngester = OK;
  ofQuerier = NO_PAST;
  const listen = (at: string, answer: () => Reply | null): void => {
    router.register(at, ({ message, ask }: Envelope) => {
      heard.push(message);
      const reply = answer();
      if (reply) ask?.reply(reply);
      else answerLater = ask!.reply;
    });
  };
  listen('ingester/0', () => ofIngester);
  listen('querier/0', () => ofQuerier);
  let ids = 0;
  const random = { ulid: () => `t${ids++}`, unit: () => 0 };
  const limits = () => ({ ...DEFAULT_LIMITS, max_concurrent_tail_requests: 2 });
  ingesters = ['ingester/0'];
  const settings = {
    ...{ ...DEFAULT_TAILER_SETTINGS, ingesters: () => ingesters, querier: 'querier/0' },
    ...{ replicationFactor: 3, rowsRemembered: 100 },
  };
  tailer = new Tailer('tailer/0', { router, clock, random, limits }, settings);
});

async function ask(message: Message): Promise<Reply> {
  return await router.ask('api/0', 'tailer/0', message, { timeoutMs: 1_000_000 });
}

async function open(request: Partial<TailRequest> = {}): Promise<string> {
  const reply = await ask({ kind: 'tail.open', request: { ...REQUEST, ...request } });
  return reply.kind === 'tail.opened' ? reply.tail : messageOf(reply);
}

function messageOf(reply: Reply): string {
  return reply.kind === 'fault' ? reply.fault.message : reply.kind;
}

function heardOf<K extends Message['kind']>(kind: K): Extract<Message, { kind: K }>[] {
  return heard.filter((message): message is Extract<Message, { kind: K }> => message.kind === kind);
}

/** Lets what is under way arrive. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}

describe('a tailer', () => {
  it('subscribes before it asks for the past', async () => {
    await open();
    await settle();
    expect(heard.map(({ kind }) => kind)).toEqual(['tail.subscribe', 'query']);
    expect(heardOf('tail.subscribe')[0]).toMatchObject({
      tenant: 't',
      matchers: [{ name: 'app', op: '=', value: 'a' }],
    });
    const { request } = heardOf('query')[0]! as { request: QueryRequest };
    expect(request).toMatchObject({ start: 5n, end: clock.now(), limit: 10, direction: 'backward', tags: 'Source=x' });
  });

  it('sends what an ingester tells it, and gives the bytes back', async () => {
    const tail = await open();
    const { subscriber } = heardOf('tail.subscribe')[0]! as TailSubscribe;
    const { buffer } = entriesOf({ x: [[7, 'line']] });
    router.tell('ingester/0', subscriber, {
      ...{ kind: 'tail.data', ingester: '0', number: 0, labels: [labelsOf({ app: 'a' })], bytes: 9, dropped: [] },
      batches: [{ seq: 1, batch: buffer, runs: Int32Array.of(0, 1, 0) }],
    });
    expect(await ask({ kind: 'tail.next', tail })).toMatchObject({
      frame: { streams: [{ labels: [['app', 'a']], entries: [{ time: 7n, line: 'line' }] }] },
    });
    await settle();
    expect(heardOf('tail.credit')).toEqual([{ kind: 'tail.credit', subscriber, bytes: 9 }]);
  });

  it('sends nothing that the past has had, and everything else', async () => {
    ofQuerier = null;
    const tail = await open();
    await settle();
    const { subscriber } = heardOf('tail.subscribe')[0]! as TailSubscribe;
    const end = clock.now();
    const told = (seq: number, rows: readonly Row[]): void =>
      router.tell('ingester/0', subscriber, {
        ...{ kind: 'tail.data', ingester: '0', number: 0, labels: [labelsOf({ app: 'a' })], bytes: 9, dropped: [] },
        batches: [{ seq, batch: entriesOf({ x: rows }).buffer, runs: Int32Array.of(0, rows.length, 0) }],
      });
    told(1, [
      [8, 'had'],
      [4, 'before the start'],
      [end, 'after the end'],
    ]);
    told(2, [[9, 'not had']]);
    await settle();
    const entries = [{ time: 8n, line: 'had', structuredMetadata: [], parsed: [] }];
    const result = { type: 'streams', streams: [{ labels: labelsOf({ app: 'a' }), entries }] } as const;
    answerLater({ kind: 'answer', answer: { ...EMPTY_ANSWER, result, throughSeq: [['0', 1]] } });
    const lines: string[] = [];
    while (lines.length < 4) {
      const reply = await ask({ kind: 'tail.next', tail });
      if (reply.kind !== 'tail.frame') throw new Error(messageOf(reply));
      lines.push(...reply.frame.streams.map((stream) => stream.entries[0]!.line));
    }
    expect(lines).toEqual(['had', 'before the start', 'not had', 'after the end']);
  });

  it('refuses what is no log query, without asking anyone', async () => {
    expect(await open({ query: '{app="a"} |' })).toMatch(/^parse error/);
    expect(await open({ query: 'rate({app="a"}[1m])' })).toBe('only log selector is supported');
    expect([heard, tailer.active]).toEqual([[], 0]);
  });

  it('opens so many for a tenant, and another when one has been closed', async () => {
    const [first] = [await open(), await open()];
    expect(await open()).toBe('max concurrent tail requests limit exceeded, count > limit (3 > 2)');
    expect(await open({ tenant: 'other' })).not.toContain('limit');
    router.tell('api/0', 'tailer/0', { kind: 'tail.close', tail: first });
    await settle();
    expect([tailer.active, heardOf('tail.unsubscribe').length]).toEqual([2, 1]);
    expect(await open()).not.toContain('limit');
    expect(messageOf(await ask({ kind: 'tail.next', tail: first }))).toContain('no such tail');
  });

  it('holds nothing of a tail that an ingester refuses', async () => {
    ofIngester = REFUSAL;
    for (let i = 0; i < 5; i++) expect(await open()).toBe('starting');
    expect(tailer.active).toBe(0);
  });

  it('tells a reader that the past cannot be had, whenever it asks', async () => {
    ofQuerier = REFUSAL;
    const tail = await open();
    await settle();
    expect(tailer.active).toBe(0);
    expect(messageOf(await ask({ kind: 'tail.next', tail }))).toBe('starting');
    expect(messageOf(await ask({ kind: 'tail.next', tail }))).toContain('no such tail');
  });

  it('ends all tails when it closes', async () => {
    const tail = await open();
    await settle();
    const asked = ask({ kind: 'tail.next', tail });
    await settle();
    tailer.close();
    expect(messageOf(await asked)).toBe('Skald is stopping');
    expect(tailer.active).toBe(0);
  });
});

describe('a tailer of many ingesters', () => {
  /** What an address is told. */
  const join = (address: string, reply: Reply | null = OK): Message[] => {
    const told: Message[] = [];
    router.register(address, ({ message, ask: asked }) => {
      told.push(message);
      if (reply) asked?.reply(reply);
    });
    return told;
  };

  it('goes on without one of them, and subscribes when it is there', async () => {
    const silent: Reply = REFUSAL;
    ingesters = ['ingester/0', 'ingester/1', 'ingester/2'];
    join('ingester/1');
    const told = join('ingester/2', silent);
    expect(await open()).toBe('t0');
    await clock.advance(1000);
    await settle();
    expect(told.map(({ kind }) => kind)).toEqual(['tail.subscribe', 'tail.subscribe']);
  });

  it('does not begin when so many are silent that entries could be missed', async () => {
    ingesters = ['ingester/0', 'ingester/1', 'ingester/2'];
    join('ingester/1', REFUSAL);
    join('ingester/2', REFUSAL);
    expect(await open()).toBe('starting');
  });

  it('subscribes to one that joins, and reads what that got before', async () => {
    const tail = await open();
    await settle();
    expect(heardOf('query')).toHaveLength(1);
    const told = join('ingester/1');
    ingesters = ['ingester/0', 'ingester/1'];
    ofQuerier = {
      kind: 'answer',
      answer: {
        ...EMPTY_ANSWER,
        result: { type: 'streams', streams: [{ labels: [['app', 'a']], entries: [{ time: 7n, line: 'early' }] }] },
      },
    };
    await clock.advance(1000);
    await settle();
    expect(told.map(({ kind }) => kind)).toEqual(['tail.subscribe']);
    expect(heardOf('query')).toHaveLength(2);
    expect(await ask({ kind: 'tail.next', tail })).toMatchObject({
      frame: { streams: [{ entries: [{ time: 7n, line: 'early' }] }] },
    });
    const again = heardOf('query')[1]! as { request: QueryRequest };
    expect(again.request).toMatchObject({ start: clock.now() - 60_000_000_000n, limit: 1000 });
  });

  it('subscribes anew to one that was gone and is back', async () => {
    await open();
    await settle();
    ingesters = [];
    await clock.advance(1000);
    ingesters = ['ingester/0'];
    await clock.advance(1000);
    await settle();
    expect(heardOf('tail.subscribe')).toHaveLength(2);
  });
});
