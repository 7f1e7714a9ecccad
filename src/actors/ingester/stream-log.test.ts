import { describe, expect, it } from 'vitest';
import type { LogPosition, LogRecord, PartitionStream } from '../../storage/jetstream/types.js';
import { raise } from '../../wire/fault.js';
import type { Clock } from '../runtime/clock.js';
import type { OpenedLog } from './log.js';
import { StreamLog } from './stream-log.js';

/** A stream in memory, which answers when the test lets it. */
class FakeStream implements PartitionStream {
  records: LogRecord[] = [];
  firstSeq = 1;
  lastSeq = 0;
  away = false;
  readonly truncated: number[] = [];
  reads = 0;
  #wake: () => void = () => undefined;
  #storedMs = 0;

  add(id: string): void {
    this.records.push({ seq: ++this.lastSeq, id, storedMs: ++this.#storedMs, bytes: Buffer.from(id) });
    this.wake();
  }

  /** Forgets the last records, which had been acknowledged. */
  lose(fromSeq: number): void {
    this.records = this.records.filter(({ seq }) => seq < fromSeq);
    this.lastSeq = fromSeq - 1;
  }

  wake(): void {
    this.#wake();
  }

  async publish(): Promise<void> {}

  async bounds(): Promise<{ firstSeq: number; lastSeq: number }> {
    return { firstSeq: this.firstSeq, lastSeq: this.lastSeq };
  }

  async read(after: number, take: (record: LogRecord) => void): Promise<void> {
    this.reads++;
    if (this.away) raise('unavailable', 'away');
    const found = this.records.filter(({ seq }) => seq > after);
    for (const record of found) take(record);
    if (found.length > 0) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }

  async isSame({ seq, record }: LogPosition): Promise<boolean> {
    if (this.away) raise('unavailable', 'away');
    if (this.lastSeq < seq || record === undefined) return this.lastSeq >= seq;
    const stored = this.records.find((one) => one.seq === seq);
    return stored?.id === record.id && stored.storedMs === record.storedMs;
  }

  async truncate(throughSeq: number): Promise<void> {
    if (this.away) raise('unavailable', 'away');
    this.truncated.push(throughSeq);
  }

  async close(): Promise<void> {
    this.wake();
  }
}

/** Timers fire when asked to. */
class ManualClock implements Clock {
  readonly #tasks: (() => void)[] = [];
  now = (): bigint => 0n;
  monotonicMs = (): number => 0;
  after(_: number, task: () => void): () => void {
    this.#tasks.push(task);
    return () => undefined;
  }
  fire(): void {
    for (const task of this.#tasks.splice(0)) task();
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function follow(stream: FakeStream, hasRoom = (): boolean => true) {
  const clock = new ManualClock();
  const arrived: string[] = [];
  const said: string[] = [];
  let lost = 0;
  let isCaughtUp = false;
  const log = new StreamLog({
    ...{ stream, clock, onLost: () => lost++ },
    log: (level, message) => said.push(`${level}: ${message}`),
  });
  void log.caughtUp.then(() => {
    isCaughtUp = true;
  });
  const opened: OpenedLog = await log.open({
    fingerprint: () => 0n,
    arrived: (records) => arrived.push(...records.map(({ seq, buffer }) => `${seq} ${Buffer.from(buffer)}`)),
    hasRoom,
  });
  opened.follow!();
  await settled();
  return { log, clock, arrived, said, opened, lost: () => lost, isCaughtUp: () => isCaughtUp };
}

describe('a log in a stream', () => {
  it('begins where the stream begins, and is caught up when it has what was there', async () => {
    const stream = new FakeStream();
    stream.firstSeq = 7;
    stream.lastSeq = 6;
    stream.add('a');
    stream.add('b');
    const { arrived, opened, isCaughtUp } = await follow(stream);
    expect([opened.lastSeq, opened.truncatedSeq]).toEqual([6, 6]);
    expect(arrived).toEqual(['7 a', '8 b']);
    expect(isCaughtUp()).toBe(true);
  });

  it('hands over what comes later as it comes, and nothing before it may', async () => {
    const stream = new FakeStream();
    const { arrived, isCaughtUp } = await follow(stream);
    expect(isCaughtUp()).toBe(true);
    stream.add('a');
    await settled();
    stream.add('b');
    await settled();
    expect(arrived).toEqual(['1 a', '2 b']);
  });

  it('waits while there is no room', async () => {
    let hasRoom = false;
    const stream = new FakeStream();
    stream.add('a');
    const { arrived, clock, isCaughtUp } = await follow(stream, () => hasRoom);
    clock.fire();
    await settled();
    expect([stream.reads, arrived, isCaughtUp()]).toEqual([0, [], false]);
    hasRoom = true;
    clock.fire();
    await settled();
    expect(arrived).toEqual(['1 a']);
  });

  it('reads on where it was when the server comes back', async () => {
    const stream = new FakeStream();
    stream.add('a');
    const { arrived, clock, lost } = await follow(stream);
    stream.away = true;
    stream.wake();
    await settled();
    stream.away = false;
    stream.add('b');
    clock.fire();
    await settled();
    expect([arrived, lost()]).toEqual([['1 a', '2 b'], 0]);
  });

  it('truncates the stream, and survives when that fails', async () => {
    const stream = new FakeStream();
    stream.add('a');
    const { log, opened, said } = await follow(stream);
    await log.truncate(1);
    stream.away = true;
    await log.truncate(1);
    expect(stream.truncated).toEqual([1]);
    expect(said).toEqual([expect.stringContaining('could not be truncated')]);
    expect(opened.observe().find(({ name }) => name.endsWith('failures_total'))?.value).toBe(1);
  });

  it.each([
    ['is shorter than what was read', (): void => undefined],
    ['has other records under the numbers that were read', (stream: FakeStream): void => stream.add('other')],
    [
      'has grown beyond what was read meanwhile',
      (stream: FakeStream): void => ['x', 'y', 'z'].forEach((id) => void stream.add(id)),
    ],
  ])('finds out when the stream %s, and touches it no more', async (_what, after) => {
    const stream = new FakeStream();
    for (const id of ['a', 'b', 'c']) stream.add(id);
    const { arrived, clock, said, lost, log } = await follow(stream);
    stream.away = true;
    stream.wake();
    await settled();
    stream.lose(3);
    after(stream);
    stream.away = false;
    clock.fire();
    await settled();
    expect([lost(), arrived]).toEqual([1, ['1 a', '2 b', '3 c']]);
    expect(said.at(-1)).toContain('error: JetStream lost records');
    await log.truncate(3);
    expect(stream.truncated).toEqual([]);
  });

  it('finds a loss out before it truncates', async () => {
    const stream = new FakeStream();
    for (const id of ['a', 'b']) stream.add(id);
    const { log, lost } = await follow(stream);
    stream.lose(2);
    stream.records.push({ seq: 2, id: 'new', storedMs: 1, bytes: Buffer.from('new') });
    stream.lastSeq = 2;
    await log.truncate(2);
    expect([stream.truncated, lost()]).toEqual([[], 1]);
  });

  it('takes no appends: they go to the stream', async () => {
    const { log } = await follow(new FakeStream());
    await expect(log.append()).rejects.toThrow('sent to its stream');
  });

  it('ends while it waits', async () => {
    const stream = new FakeStream();
    const { log, arrived } = await follow(stream);
    await log.close();
    stream.add('late');
    await settled();
    expect(arrived).toEqual([]);
  });
});
