/**
 * Gives memory of a buffer back at once, rather than when garbage is collected: pages of a scan are hundreds of megabytes a
 * second outside of V8's heap, and their collection costs as much as decoding them.
 */
import { MessageChannel } from 'node:worker_threads';

interface Transferable extends ArrayBuffer {
  /** From Node 21 on. */
  transfer?(newByteLength: number): ArrayBuffer;
}

/** Nobody listens: what is sent into it is freed. */
const nowhere = new MessageChannel().port1;
nowhere.close();

/** The buffer is empty afterwards. */
export function freeMemory(memory: ArrayBuffer): void {
  const buffer: Transferable = memory;
  if (buffer.transfer) buffer.transfer(0);
  else nowhere.postMessage(null, [buffer]);
}
