import { beforeEach, describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../test/support/random.js';
import { SimScheduler } from '../../../test/support/sim-scheduler.js';
import { transferred } from '../../../test/support/transfer.js';
import { AsyncQueue } from '../../execution/async-queue.js';
import type { ReceivedFrame } from '../../execution/pool.js';
import { type Fault, fault } from '../../wire/fault.js';
import { receiverAddress, senderAddress } from '../../wire/stream-address.js';
import { LocalRouter } from '../runtime/router-local.js';
import { openReceiver, openSender } from './actor.js';
import { STREAM_WINDOW_FRAMES } from './sender.js';

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

function receiver(): { queue: AsyncQueue<ReceivedFrame>; closings: (Fault | undefined)[]; close: () => void } {
  const queue = new AsyncQueue<ReceivedFrame>();
  const closings: (Fault | undefined)[] = [];
  const close = openReceiver(router, 's', 3, queue, (reason) => {
    closings.push(reason);
    queue.close();
  });
  return { queue, closings, close };
}

describe('the two ends of a stream', () => {
  it('carry any number of frames in order while they are taken, and free the sender at the end', async () => {
    const { queue, closings, close } = receiver();
    const sender = openSender(router, 's');
    sender.bind(receiverAddress('s'));
    const sending = (async () => {
      for (let i = 0; i < 50; i++) await sender.send(Uint8Array.of(i));
      sender.end();
    })();
    const got: number[] = [];
    for await (const { bytes, rank, taken } of queue.read()) {
      expect(rank).toBe(3);
      got.push(bytes[0]!);
      taken();
    }
    await sending;
    expect(got).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(closings).toEqual([undefined]);
    close();
    expect([isFree(receiverAddress('s')), isFree(senderAddress('s'))]).toEqual([true, true]);
  });

  it('stop the sender when nothing is taken', async () => {
    receiver();
    const sender = openSender(router, 's');
    sender.bind(receiverAddress('s'));
    let left = 0;
    for (let i = 0; i < 20; i++) void sender.send(Uint8Array.of(i)).then(() => left++);
    await clock.settle();
    expect(left).toBe(STREAM_WINDOW_FRAMES);
  });

  it('carry a fault at once, past frames that wait for room', async () => {
    const { closings } = receiver();
    const sender = openSender(router, 's');
    sender.bind(receiverAddress('s'));
    const sends = Array.from({ length: 20 }, (_, i) => sender.send(Uint8Array.of(i)));
    sender.end(fault('cancelled', 'given up'));
    const outcomes = await Promise.allSettled(sends);
    expect(outcomes.map(({ status }) => status)).toEqual([
      ...new Array(STREAM_WINDOW_FRAMES).fill('fulfilled'),
      ...new Array(20 - STREAM_WINDOW_FRAMES).fill('rejected'),
    ]);
    expect(outcomes[19]).toMatchObject({ reason: { fault: { code: 'cancelled' } } });
    expect(closings).toEqual([fault('cancelled', 'given up')]);
    expect(isFree(senderAddress('s'))).toBe(true);
  });

  it.each([
    ['that ended', (sender: ReturnType<typeof openSender>) => sender.end()],
    ['that ended with a fault', (sender: ReturnType<typeof openSender>) => sender.end(fault('cancelled', 'given up'))],
    ['that was closed', (sender: ReturnType<typeof openSender>) => sender.close()],
  ])('refuse a frame for a sender %s, so that nobody waits for ever', async (_, finish) => {
    receiver();
    const sender = openSender(router, 's');
    sender.bind(receiverAddress('s'));
    finish(sender);
    let outcome = 'pending';
    sender.send(Uint8Array.of(1)).then(
      () => (outcome = 'sent'),
      () => (outcome = 'refused'),
    );
    await clock.settle();
    expect(outcome).toBe('refused');
  });

  it('refuse a frame after a fault although the receiver is not known yet', async () => {
    const sender = openSender(router, 's');
    sender.end(fault('cancelled', 'given up'));
    await expect(sender.send(Uint8Array.of(1))).rejects.toMatchObject({ fault: { code: 'cancelled' } });
  });
});
