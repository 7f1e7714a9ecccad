import { beforeEach, describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../test/support/random.js';
import { SimScheduler } from '../../../test/support/sim-scheduler.js';
import { transferred } from '../../../test/support/transfer.js';
import { AsyncQueue } from '../../execution/async-queue.js';
import type { ReceivedFrame } from '../../execution/pool.js';
import { receiverAddress, senderAddress } from '../../wire/stream-address.js';
import { LocalRouter } from '../runtime/router-local.js';
import { openReceiver, openSender, type SenderEnd } from './actor.js';
import { type SenderEnding, STREAM_WINDOW_FRAMES } from './sender.js';

let clock: SimScheduler;
let router: LocalRouter;

beforeEach(() => {
  clock = new SimScheduler(new SeededRandom(1), 0);
  router = new LocalRouter({ clock, transfer: transferred });
});

/** True when the address can be taken, i.e. nobody holds it. */
function isFree(address: string): boolean {
  try {
    router.register(address, () => {})();
    return true;
  } catch {
    return false;
  }
}

function receiver(): { queue: AsyncQueue<ReceivedFrame>; ends: () => number; close: () => void } {
  const queue = new AsyncQueue<ReceivedFrame>();
  let ends = 0;
  const close = openReceiver(router, { stream: 's', self: receiverAddress('s'), rank: 3 }, queue, () => {
    ends++;
    queue.close();
  });
  return { queue, ends: () => ends, close };
}

const overs: SenderEnding[] = [];

function sender(attempt = 0, floor = attempt): SenderEnd {
  overs.length = 0;
  return openSender(router, { stream: 's', attempt, floor, receiver: receiverAddress('s') }, (why) => overs.push(why));
}

describe('the two ends of a stream', () => {
  it('carry any number of frames in order while they are taken, and free the sender at the end', async () => {
    const { queue, ends, close } = receiver();
    const sending = sender();
    const sent = (async () => {
      for (let i = 0; i < 50; i++) await sending.send(Uint8Array.of(i));
      sending.end();
    })();
    const got: number[] = [];
    for await (const { bytes, rank, taken } of queue.read()) {
      expect(rank).toBe(3);
      got.push(bytes[0]!);
      taken();
    }
    await sent;
    await clock.settle();
    expect(got).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect([ends(), overs]).toEqual([1, ['complete']]);
    close();
    expect([isFree(receiverAddress('s')), isFree(senderAddress('s'))]).toEqual([true, true]);
  });

  it('stop the sender when nothing is taken', async () => {
    receiver();
    const sending = sender();
    let left = 0;
    for (let i = 0; i < 20; i++) void sending.send(Uint8Array.of(i)).then(() => left++);
    await clock.settle();
    expect(left).toBe(STREAM_WINDOW_FRAMES);
  });

  it('refuse frames that wait for room when the sender gives up', async () => {
    const { ends } = receiver();
    const sending = sender();
    const sends = Array.from({ length: 20 }, (_, i) => sending.send(Uint8Array.of(i)));
    sending.close();
    const outcomes = await Promise.allSettled(sends);
    expect(outcomes.map(({ status }) => status)).toEqual([
      ...new Array(STREAM_WINDOW_FRAMES).fill('fulfilled'),
      ...new Array(20 - STREAM_WINDOW_FRAMES).fill('rejected'),
    ]);
    expect([ends(), overs]).toEqual([0, []]);
    expect(isFree(senderAddress('s'))).toBe(true);
  });

  it.each([
    ['that ended', (sending: SenderEnd) => sending.end()],
    ['that was closed', (sending: SenderEnd) => sending.close()],
  ])('refuse a frame for a sender %s, so that nobody waits for ever', async (_, finish) => {
    receiver();
    const sending = sender();
    finish(sending);
    await expect(sending.send(Uint8Array.of(1))).rejects.toThrow('stream ended');
  });

  it('find each other when the receiver comes later than the frames', async () => {
    const sending = sender();
    const sent = sending.send(Uint8Array.of(7)).then(() => sending.end());
    await clock.settle();
    const { queue, ends } = receiver();
    for (let i = 0; i < 4; i++) {
      sending.tick(100);
      await clock.settle();
    }
    await sent;
    expect([ends(), overs]).toEqual([1, ['complete']]);
    expect((await queue.read().next()).value).toMatchObject({ bytes: Uint8Array.of(7) });
  });

  it('part when the receiver has used frames of another attempt', async () => {
    receiver();
    await sender(0).send(Uint8Array.of(1));
    await clock.settle();
    const again = sender(1);
    await clock.settle();
    expect(overs).toEqual(['superseded']);
    await expect(again.send(Uint8Array.of(1))).rejects.toThrow('stream ended');
  });

  it('part when nobody answers', async () => {
    const sending = sender();
    void sending.send(Uint8Array.of(1));
    for (let i = 0; i < 40; i++) sending.tick(40);
    expect(overs).toEqual([]);
    sending.tick(40);
    expect(overs).toEqual(['unanswered']);
  });
});
