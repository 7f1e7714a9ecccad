/**
 * Bugs that the simulation must find. Each replaces one collaborator of the real actors by one that does what the bug
 * would do; the code under test knows nothing of them.
 */
import type { Receive, Router } from '../../src/actors/runtime/router.js';
import type { WritableFile } from '../../src/storage/disk.js';
import type { PartitionStream } from '../../src/storage/jetstream/types.js';
import { Metastore } from '../../src/storage/metastore/metastore.js';
import { address } from '../../src/wire/address.js';
import type { BatchCopy } from '../../src/wire/batch-copy.js';
import type { Envelope } from '../../src/wire/envelope.js';
import { raise } from '../../src/wire/fault.js';
import type { Message, Reply } from '../../src/wire/message.js';
import type { AppendMessage } from '../../src/wire/messages/writing.js';
import type { Sabotage } from './cluster.js';
import { FAIR, type Shape, type Weather } from './swarm.js';

export interface Mutant {
  readonly bug: string;
  readonly sabotage: Sabotage;
  readonly log?: 'jetstream';
  /** A storm in which it matters. */
  readonly shape?: Partial<Shape>;
  readonly weather?: Partial<Weather>;
  readonly storedMax?: number;
  /** What it breaks: the failure must say so. */
  readonly claim: RegExp;
}

type Ask = Router['ask'];
type Tell = Router['tell'];

/** A router some of whose messages go another way. */
function routed(router: Router, change: { ask?: (next: Ask) => Ask; tell?: (next: Tell) => Tell }): Router {
  const ask: Ask = (...args) => router.ask(...args);
  const tell: Tell = (...args) => router.tell(...args);
  return {
    register: (...args) => router.register(...args),
    ask: change.ask?.(ask) ?? ask,
    tell: change.tell?.(tell) ?? tell,
  };
}

/** A router that changes what its actors hear. */
function hearing(router: Router, heard: (message: Message) => Message): Router {
  return {
    ...routed(router, {}),
    register: (address, receive, max) =>
      router.register(address, (envelope) => receive({ ...envelope, message: heard(envelope.message) }), max),
  };
}

const LOSES = /misses|lost|counts/;

const acknowledgesBeforeSync: Sabotage = {
  disk: (disk) => {
    const unsynced = (file: WritableFile): WritableFile => except(file, { sync: async () => undefined });
    return except(disk, {
      create: async (name) => unsynced(await disk.create(name)),
      overwrite: async (name) => unsynced(await disk.overwrite(name)),
    });
  },
};

/** After a failed write the file is left as it is, and the next record goes behind what came of it. */
const appendsBehindTornTail: Sabotage = {
  disk: (disk) =>
    except(disk, {
      create: async (name) => {
        const file = await disk.create(name);
        let isTorn = false;
        const write: WritableFile['write'] = async (parts, offset) => {
          const at = isTorn ? (await disk.read(name)).length : offset;
          isTorn = true;
          await file.write(parts, at);
          isTorn = at !== offset;
        };
        return except(file, { write, truncate: async () => undefined });
      },
    }),
};

/** Says that all is stored when it has been uploaded; what is not listed yet is in nobody's log any more. */
const cutsTheLogBeforeTheListing: Sabotage = {
  parts: (parts, role) => {
    if (role !== 'ingester') return parts;
    const { conditional } = parts.bucket;
    const later = (name: string, bytes: Uint8Array, expected: string | null): Promise<string | null> => {
      void conditional!.upload(name, bytes, expected).catch(() => undefined);
      return Promise.resolve('some version');
    };
    return { ...parts, bucket: except(parts.bucket, { conditional: { ...conditional!, upload: later } }) };
  },
};

/** A receiver that hears that the stream has ended, and asks no more for the frame that is not there. */
const isContentWithoutTheLastFrame: Sabotage = {
  router: (router, role) => {
    if (role !== 'worker' && role !== 'querier') return router;
    const seen = new Map<string, number>();
    const heard = (message: Message): Message => {
      if (message.kind !== 'stream.data' && message.kind !== 'stream.closed') return message;
      const stream = `${message.stream} ${message.attempt}`;
      const frames = seen.get(stream) ?? 0;
      if (message.kind === 'stream.closed') return { ...message, frames: Math.min(message.frames, frames) };
      seen.set(stream, Math.max(frames, message.sequence + 1));
      return message;
    };
    return hearing(router, heard);
  },
};

/** Takes an ingester that does not answer for one that has nothing. */
const ignoresSilentIngesters: Sabotage = {
  router: (router, role) => {
    if (role !== 'querier') return router;
    return routed(router, {
      ask: (next) => async (from, to, message, options) => {
        const reply = await next(from, to, message, options);
        if (message.kind !== 'live.resolve' || reply.kind === 'live') return reply;
        return { kind: 'live', snapshot: { ingester: to.slice(to.indexOf('/') + 1), memtables: [] } };
      },
    });
  },
};

/** A member that hears that it is suspected, and does not mind. */
const neverRefutes: Sabotage = {
  router: (router, role, { name }) => {
    if (role !== 'membership') return router;
    return hearing(router, (message) => unaware(message, name));
  },
};

function unaware(message: Message, self: string): Message {
  if ('updates' in message) return { ...message, updates: message.updates.filter((update) => update.name !== self) };
  if (message.kind === 'gossip.sync')
    return { ...message, members: message.members.filter((member) => member.name !== self) };
  return message;
}

/** A router of distributors that changes what became of an append. */
function appends(change: (message: AppendMessage, to: string, reply: Reply) => Reply): Sabotage {
  return {
    router: (router, role) => {
      if (role !== 'distributor') return router;
      return routed(router, {
        ask: (next) => async (from, to, message, options) => {
          const reply = await next(from, to, message, options);
          return message.kind === 'append' ? change(message, to.slice(to.indexOf('/') + 1), reply) : reply;
        },
      });
    },
  };
}

/** A replica that has not answered is taken for one that has, when another one did. */
function countsAnAnswerTwice(): Sabotage {
  const answered = new Set<string>();
  return appends((message, _, reply) => {
    const part = `${message.copy?.origin} ${message.copy?.seq}`;
    if (reply.kind === 'ok') answered.add(part);
    return answered.has(part) ? { kind: 'ok' } : reply;
  });
}

/** An owner that does not answer is taken for one that has. */
const acknowledgesWithoutAnOwner = appends((message, to, reply) =>
  message.copy?.owner === to ? { kind: 'ok' } : reply,
);

/** A holder that hears that the owner has a part lets go of it, although no object has it. */
const dropsWhatTheOwnerHas: Sabotage = {
  router: (router, role) => {
    if (role !== 'ingester') return router;
    return routed(router, {
      ask: (next) => async (from, to, message, options) => {
        const reply = await next(from, to, message, options);
        if (reply.kind !== 'batches.status') return reply;
        const { stored, owned, held } = reply.status;
        return { ...reply, status: { stored: [...stored, ...owned], owned: [], held } };
      },
    });
  },
};

/** Everybody is thought to be there, for ever. */
const neverTakesOver: Sabotage = {
  parts: (parts, role) => {
    if (role !== 'ingester') return parts;
    const everybody = ['ingester-0', 'ingester-1', 'ingester-2'].map((name) => `ingester/${name}`);
    return { ...parts, view: except(parts.view, { holders: () => everybody }) };
  },
};

/** An owner that has a part in its log tells the others to let go of it. */
const releasesWithoutProof: Sabotage = {
  router: (router, role, { name }) => {
    if (role !== 'ingester') return router;
    const release = ({ origin, seq, replicas }: BatchCopy): void => {
      const batches = [{ origin, ranges: [[seq, seq] as const] }];
      for (const replica of replicas) {
        if (replica !== name)
          router.tell(address('ingester', name), address('ingester', replica), { kind: 'batches.release', batches });
      }
    };
    const heard = (receive: Receive, envelope: Envelope): void => {
      const { message, ask } = envelope;
      const copy = message.kind === 'append' && message.copy?.owner === name ? message.copy : undefined;
      if (!copy || !ask) return receive(envelope);
      const reply = (value: Reply): void => {
        ask.reply(value);
        if (value.kind === 'ok') release(copy);
      };
      receive({ ...envelope, ask: { ...ask, reply } });
    };
    return {
      ...routed(router, {}),
      register: (to, receive, max) => router.register(to, (envelope) => heard(receive, envelope), max),
    };
  },
};

/** Does not read in tables of contents what is stored: not when it replays its log, nor when it is asked, or takes over. */
const forgetsCoverage: Sabotage = {
  parts: (parts, role) => {
    if (role !== 'ingester') return parts;
    return { ...parts, metastore: except(parts.metastore, { coverage: async () => [], copies: async () => [] }) };
  },
};

/** Reads the tables of contents, and then asks for memory: what is flushed in between is in neither. */
const resolvesObjectsFirst: Sabotage = {
  parts: (parts, role) => {
    if (role !== 'querier') return parts;
    const { bucket, process } = parts;
    const tables = new Map<string, { readonly bytes: Uint8Array; readonly version: string }>();
    const freeze = async (): Promise<void> => {
      const found = new Map<string, Uint8Array>();
      for await (const name of bucket.iter('tocs')) found.set(name, await bucket.get(name));
      tables.clear();
      for (const [name, bytes] of found) tables.set(name, { bytes, version: `of ${process.world.events}` });
    };
    const table = (name: string) => tables.get(name) ?? raise('not-found', `no object ${name}`);
    const frozen = except(bucket, {
      get: async (name) => (name.startsWith('tocs/') ? table(name).bytes : bucket.get(name)),
      attributes: async (name) => {
        if (!name.startsWith('tocs/')) return bucket.attributes(name);
        const { bytes, version } = table(name);
        return { size: bytes.length, version };
      },
      async *iter(directory) {
        if (!directory.startsWith('tocs')) return yield* bucket.iter(directory);
        yield* [...tables.keys()].filter((name) => name.startsWith(`${directory}/`));
      },
    });
    const router = routed(parts.router, {
      ask: (next) => async (from, to, message, options) => {
        if (message.kind === 'live.resolve') await freeze();
        return next(from, to, message, options);
      },
    });
    return { ...parts, bucket: frozen, router, metastore: new Metastore(frozen) };
  },
};

/** A receiver that numbers frames by their arrival, so that one that comes twice is two. */
const takesAFrameTwice: Sabotage = {
  router: (router, role) => {
    if (role !== 'worker' && role !== 'querier') return router;
    const seen = new Map<string, number>();
    return hearing(router, (message) => {
      if (message.kind !== 'stream.data' && message.kind !== 'stream.closed') return message;
      const stream = `${message.stream} ${message.attempt}`;
      const frames = seen.get(stream) ?? 0;
      if (message.kind === 'stream.closed') return { ...message, frames };
      seen.set(stream, frames + 1);
      return { ...message, sequence: frames };
    });
  },
};

/** Names of what a query reads in memory say nothing of the life of the ingester that gave them. */
const repeatsNames: Sabotage = {
  router: (router, role, process) => {
    if (role !== 'ingester') return router;
    const life = `${process.name}@${process.now()}`;
    return hearing(router, (message) =>
      message.kind === 'live.read'
        ? { ...message, snapshot: `${life}.${message.snapshot.split('.').at(-1)}` }
        : message,
    );
  },
};

export const MUTANTS: readonly Mutant[] = [
  { bug: 'acknowledges before the sync', sabotage: acknowledgesBeforeSync, weather: { crash: 0.6 }, claim: LOSES },
  {
    bug: 'appends behind a torn tail',
    sabotage: appendsBehindTornTail,
    shape: { ingesters: 3, flushBytes: 1 << 20, pushEveryMs: 300 },
    weather: { seconds: 20, diskFull: 0.9, crash: 0.4, diskError: 0, bucketDown: 0 },
    claim: LOSES,
  },
  {
    bug: 'cuts the log before the table of contents lists',
    sabotage: cutsTheLogBeforeTheListing,
    shape: { flushBytes: 3000 },
    weather: { bucketRefuse: 0.1 },
    claim: LOSES,
  },
  {
    bug: 'takes a stream without its last frame for complete',
    sabotage: isContentWithoutTheLastFrame,
    weather: { drop: 0.1 },
    claim: /misses|lost|counts|differs/,
  },
  {
    bug: 'ignores ingesters that do not answer',
    sabotage: ignoresSilentIngesters,
    weather: { natsRestart: 0.2 },
    claim: LOSES,
  },
  {
    bug: 'names what a query reads in memory as a life before did',
    sabotage: repeatsNames,
    shape: { tenants: ['a', 'b'], queryEveryMs: 300, scanSlots: 1 },
    weather: { crash: 0.6, delayMs: 100, drop: 0.05 },
    claim: /nobody has sent|changed|twice|misses|counts/,
  },
  {
    bug: 'counts the answer of one replica twice',
    sabotage: countsAnAnswerTwice(),
    shape: { ingesters: 3, flushBytes: 1 << 20, pushEveryMs: 300 },
    weather: { seconds: 14, cut: 0.5, loss: 'disk' },
    claim: LOSES,
  },
  {
    bug: 'acknowledges what no owner has',
    sabotage: acknowledgesWithoutAnOwner,
    shape: { flushBytes: 1 << 20, pushEveryMs: 300, queryEveryMs: 3000 },
    weather: { seconds: 14, cut: 0.5, crash: 0.3 },
    claim: LOSES,
  },
  {
    bug: 'lets go of what the owner has and no object',
    sabotage: dropsWhatTheOwnerHas,
    shape: { ingesters: 3, flushBytes: 1 << 20, memoryBytesMax: 1 << 24, pushEveryMs: 400 },
    weather: { seconds: 14, loss: 'disk', bucketDown: 0 },
    claim: LOSES,
  },
  {
    bug: 'never takes over',
    sabotage: neverTakesOver,
    shape: { ingesters: 3, flushBytes: 1 << 20, pushEveryMs: 400 },
    weather: { seconds: 14, loss: 'disk' },
    claim: /come to rest|misses|lost|counts/,
  },
  {
    bug: 'releases held parts when their owner has them in its log',
    sabotage: releasesWithoutProof,
    shape: { ingesters: 3, flushBytes: 1 << 20 },
    weather: { seconds: 14, loss: 'disk', crash: 0.2, bucketDown: 0 },
    claim: LOSES,
  },
  {
    bug: 'forgets what objects hold when it replays its log or is asked',
    sabotage: forgetsCoverage,
    shape: { ingesters: 3, flushBytes: 3000, segmentBytesMax: 1 << 20, old: 0.3, resend: 0, pushEveryMs: 800 },
    weather: { ...FAIR, seconds: 20, crash: 0.3, bucketLatencyMs: 300 },
    storedMax: 1,
    claim: /are stored as/,
  },
  {
    bug: 'looks objects up before memory',
    sabotage: resolvesObjectsFirst,
    shape: { flushBytes: 3000, queryEveryMs: 300 },
    weather: { bucketLatencyMs: 40, delayMs: 100 },
    claim: LOSES,
  },
  {
    bug: 'takes a frame that came twice for two',
    sabotage: takesAFrameTwice,
    weather: { duplicate: 0.3 },
    claim: /twice|differs|counts/,
  },
  {
    bug: 'acknowledges what JetStream has not',
    sabotage: {
      stream: (stream) =>
        except(stream, { publish: async (id, bytes) => void stream.publish(id, bytes).catch(() => {}) }),
    },
    log: 'jetstream',
    weather: { drop: 0.1 },
    claim: LOSES,
  },
  {
    bug: 'deletes from JetStream what it has read and no object has',
    sabotage: { stream: deletesWhatItHasRead },
    log: 'jetstream',
    shape: { flushBytes: 1 << 20 },
    weather: { crash: 0.3 },
    claim: LOSES,
  },
  {
    bug: 'takes a log in JetStream that lost its end for the one it has read',
    sabotage: { stream: (stream) => except(stream, { isSame: async () => true }) },
    log: 'jetstream',
    shape: { log: { partitions: 1, syncAlways: false }, pushEveryMs: 300 },
    weather: { ...FAIR, seconds: 12, loss: 'disk' },
    claim: LOSES,
  },
  { bug: 'never refutes a suspicion', sabotage: neverRefutes, weather: { pause: 0.4 }, claim: /does not agree/ },
];

function deletesWhatItHasRead(stream: PartitionStream): PartitionStream {
  const read: PartitionStream['read'] = async (after, take) => {
    let last = after;
    await stream.read(after, (record) => {
      last = record.seq;
      take(record);
    });
    if (last > after) await stream.truncate(last);
  };
  return except(stream, { read });
}

/** An object some of whose methods do something else. */
function except<T extends object>(object: T, instead: Partial<T>): T {
  return new Proxy(object, {
    get: (target, key) => {
      if (key in instead) return instead[key as keyof T];
      const value: unknown = target[key as keyof T];
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
