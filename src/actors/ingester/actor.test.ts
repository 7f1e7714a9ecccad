import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { entriesOf, type Row, rowsOf, rowText } from '../../../test/support/entries.js';
import { SimDisk } from '../../../test/support/sim-disk.js';
import { CorruptObject } from '../../storage/corrupt.js';
import type { Disk } from '../../storage/disk.js';
import { NodeDisk } from '../../storage/disk-node.js';
import type { WindowCoverage } from '../../storage/metastore/types.js';
import { GROUP_END } from '../../storage/wal/record.js';
import { segmentName } from '../../storage/wal/segment.js';
import { openEntries } from '../../wire/entries.js';
import { DEFAULT_LIMITS } from '../../wire/limits.js';
import type { Message, Reply } from '../../wire/message.js';
import { NodeClock } from '../runtime/clock-node.js';
import { LocalRouter } from '../runtime/router-local.js';
import { IngesterActor, type IngesterCollaborators } from './actor.js';
import { walIn } from './log.js';
import { loadFingerprint } from './recent.js';
import { DEFAULT_INGESTER_SETTINGS } from './settings.js';

const fingerprint = await loadFingerprint();
const A = '{app="a"}';
const SEGMENT = /^wal-/;

interface Running {
  readonly actor: IngesterActor;
  readonly stored: string[];
  readonly logged: string[];
  ask(message: Message): Promise<Reply>;
  append(rows: readonly Row[]): Promise<Reply>;
  rows(): Promise<string[]>;
  metric(name: string): number;
}

function make(disk: Disk, replaced: Partial<IngesterCollaborators> = {}): Running {
  const clock = new NodeClock();
  const router = new LocalRouter({ clock });
  const stored: string[] = [];
  const logged: string[] = [];
  const collaborators: IngesterCollaborators = {
    router,
    clock,
    openLog: walIn(disk, { segmentBytesMax: 1 << 20, sparesMax: 0, unreadBytesMax: 1 << 22 }, () =>
      (replaced.clock ?? clock).now(),
    ),
    fingerprint,
    life: 'only',
    flusher: {
      store: async ({ batches, runs }) => {
        for (let run = 0; run < runs.length; run += 4) {
          for (let row = runs[run + 1]!; row < runs[run + 2]!; row++) stored.push(rowText(batches[runs[run]!]!, row));
        }
        return { bytes: 1 };
      },
    },
    metastore: { coverage: async () => [], copies: async () => [] },
    limits: () => DEFAULT_LIMITS,
    log: (level, message) => logged.push(`${level}: ${message}`),
    ...replaced,
  };
  const actor = new IngesterActor(collaborators, {
    ...DEFAULT_INGESTER_SETTINGS,
    instance: 'one',
    flushBackoffMinMs: 1,
  });
  const ask = (message: Message) => router.ask('client/1', 'ingester/one', message, { timeoutMs: 5000 });
  return {
    actor,
    stored,
    logged,
    ask,
    append: (rows) => ask({ kind: 'append', batch: entriesOf({ [A]: rows }).buffer }),
    rows: async () => {
      const range = { start: -(2n ** 63n), end: 2n ** 63n - 1n };
      const reply = await ask({ kind: 'live.resolve', tenant: 'tenant', range, matchers: [], query: 'q' });
      const found: string[] = [];
      for (const { snapshot } of reply.kind === 'live' ? reply.snapshot.memtables : []) {
        const read = await ask({ kind: 'live.read', snapshot, streams: Int32Array.of(0) });
        if (read.kind === 'live.batches')
          found.push(...read.batches.flatMap(({ batch }) => rowsOf(openEntries(batch))[A]!));
      }
      return found;
    },
    metric: (name) => actor.observe().find((sample) => sample.name === `loki_ingester_${name}`)!.value,
  };
}

async function start(disk: Disk, replaced: Partial<IngesterCollaborators> = {}): Promise<Running> {
  const running = make(disk, replaced);
  await running.actor.start();
  return running;
}

/** A second later: the clock that a process sees which starts after another one. */
class LaterClock extends NodeClock {
  override now(): bigint {
    return super.now() + 1_000_000_000n;
  }
}

/** A disk with a log of three appends, one record each, and where each record ends. */
async function written(): Promise<{ disk: SimDisk; name: string; ends: number[] }> {
  const disk = new SimDisk();
  const running = await start(disk);
  const ends: number[] = [];
  let name = '';
  for (const line of ['one', 'two', 'three']) {
    expect(await running.append([[ends.length, line]])).toEqual({ kind: 'ok' });
    name = disk.names().find((file) => SEGMENT.test(file))!;
    ends.push(disk.bytes(name).length - GROUP_END.length);
  }
  return { disk: disk.crash(), name, ends };
}

const ALL = ['0 one {}', '1 two {}', '2 three {}'];

describe('an ingester and its log', () => {
  it('keeps an acknowledged entry through a crash at any byte of what is written after it', async () => {
    const { disk, name, ends } = await written();
    const whole = disk.bytes(name);
    for (let length = 0; length <= whole.length; length++) {
      const torn = disk.crash();
      torn.put(name, whole.subarray(0, length));
      const running = await start(torn);
      expect(await running.rows()).toEqual(ALL.slice(0, ends.filter((end) => end <= length).length));
      expect(running.metric('wal_corruptions_total')).toBe(0);
    }
  });

  it('tells queries that it may lack something when its log ends torn, since that may be rot in its last record', async () => {
    const { disk, name } = await written();
    const whole = disk.bytes(name);
    for (const [lost, damaged] of [
      [0, undefined],
      [GROUP_END.length + 3, true],
    ] as const) {
      const found = disk.crash();
      found.put(name, whole.subarray(0, whole.length - lost));
      const running = await start(found);
      const range = { start: 0n, end: 9n };
      const reply = await running.ask({ kind: 'live.resolve', tenant: 'tenant', range, matchers: [], query: 'q' });
      expect(reply.kind === 'live' && reply.snapshot.damaged).toBe(damaged);
    }
  });

  it('loses only the record in which a bit has flipped, says so, and goes on', async () => {
    const { disk, name, ends } = await written();
    disk.flip(name, ends[0]! + 100);
    const running = await start(disk);
    expect(await running.rows()).toEqual(['0 one {}', '2 three {}']);
    expect(running.metric('wal_corruptions_total')).toBe(1);
    expect(running.logged).toContain('error: the write-ahead log is damaged: all that can be read is kept');
    expect(await running.append([[1, 'two']])).toEqual({ kind: 'ok' });
    expect(await running.rows()).toEqual(['0 one {}', '2 three {}', '1 two {}']);
  });

  it('starts with segments that are empty, or full of zeros or noise', async () => {
    const { disk } = await written();
    disk.put(segmentName({ firstSeq: 1, afterSeq: 0 }), Buffer.alloc(0));
    disk.put(segmentName({ firstSeq: 2, afterSeq: 0 }), Buffer.alloc(5000));
    disk.put(segmentName({ firstSeq: 3, afterSeq: 0 }), Buffer.from('noise'.repeat(100)));
    expect(await (await start(disk)).rows()).toEqual(ALL);
  });

  it('refuses appends on a full disk, keeps what it has, and recovers by itself', async () => {
    const disk = new SimDisk();
    const running = await start(disk);
    await running.append([[1, 'kept']]);
    disk.capacity = disk.used();
    expect(await running.append([[2, 'refused']])).toMatchObject({
      kind: 'fault',
      fault: { code: 'storage-full', retryable: true },
    });
    expect(await running.rows()).toEqual(['1 kept {}']);
    expect(running.metric('wal_disk_full_failures_total')).toBe(1);
    disk.capacity = Number.POSITIVE_INFINITY;
    expect(await running.append([[2, 'refused']])).toEqual({ kind: 'ok' });
    expect(await (await start(disk.crash())).rows()).toEqual(['1 kept {}', '2 refused {}']);
  });

  it('waits for the table of contents before it takes its log over, and refuses entries until then', async () => {
    const { disk } = await written();
    let attempts = 0;
    const coverage = async (): Promise<readonly WindowCoverage[]> => {
      if (++attempts < 3) throw new Error('no bucket');
      return [];
    };
    const running = make(disk, { metastore: { coverage, copies: async () => [] } });
    const started = running.actor.start();
    expect(await running.append([[9, 'early']])).toMatchObject({ fault: { code: 'unavailable' } });
    await started;
    expect([attempts, await running.rows()]).toEqual([3, ALL]);
  });

  it('starts with a damaged table of contents, and says so', async () => {
    const { disk } = await written();
    const coverage = () => Promise.reject(new CorruptObject('bad checksum', { path: 'toc/tenant/1' }));
    const running = await start(disk, { metastore: { coverage, copies: async () => [] } });
    expect(await running.rows()).toEqual(ALL);
    expect(running.logged).toContain('error: a table of contents is damaged: entries of the log may be stored twice');
  });

  it('never uses a sequence number again, whatever log it finds', async () => {
    const { disk } = await written();
    const before = Number(
      disk
        .names()
        .find((name) => SEGMENT.test(name))!
        .slice(4, 20),
    );
    const running = await start(new SimDisk(), { clock: new LaterClock() });
    await running.append([[1, 'x']]);
    const range = { start: 0n, end: 9n };
    const reply = await running.ask({ kind: 'live.resolve', tenant: 'tenant', range, matchers: [], query: 'q' });
    expect(reply.kind === 'live' && reply.snapshot.memtables[0]!.toSeq).toBeGreaterThan(before + 500_000);
  });

  it('answers a message that is not for an ingester with a fault', async () => {
    const running = await start(new SimDisk());
    expect(await running.ask({ kind: 'worker.ready', slots: 1 })).toMatchObject({ fault: { code: 'bad-request' } });
  });

  it('works on real files: crash, replay, flush, drain, and nothing left in the log', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'skald-ingester-'));
    try {
      const first = await start(await NodeDisk.open(folder));
      const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => first.append([[i, `line ${i}`]])));
      expect(answers.every(({ kind }) => kind === 'ok')).toBe(true);
      const second = await start(await NodeDisk.open(folder));
      const lines = Array.from({ length: 50 }, (_, i) => `${i} line ${i} {}`);
      expect(await second.rows()).toEqual(lines);
      expect(
        await second.append([
          [49, 'line 49'],
          [50, 'last'],
        ]),
      ).toEqual({ kind: 'ok' });
      expect(await second.ask({ kind: 'flush' })).toEqual({ kind: 'ok' });
      expect([second.stored, await second.rows()]).toEqual([[...lines, '50 last {}'], []]);
      await second.append([[51, 'after']]);
      expect(await second.actor.drain(5000)).toBe(true);
      expect(second.stored.at(-1)).toBe('51 after {}');
      expect(await second.append([[52, 'late']])).toMatchObject({ fault: { code: 'unavailable' } });
      expect((await readdir(folder)).filter((name) => SEGMENT.test(name))).toEqual([]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('keeps in its log what it could not flush in time', async () => {
    const disk = new SimDisk();
    const running = await start(disk, { flusher: { store: () => Promise.reject(new Error('no bucket')) } });
    await running.append([[1, 'one']]);
    expect(await running.actor.drain(20)).toBe(false);
    expect(await (await start(disk.crash())).rows()).toEqual(['1 one {}']);
  });
});
