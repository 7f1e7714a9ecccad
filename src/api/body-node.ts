import type { IncomingMessage } from 'node:http';
import { type Fault, FaultError, fault, raise } from '../wire/fault.js';
import type { BodyMemory } from './body-memory.js';

const CHUNKED_START_BYTES = 64 * 1024;

/**
 * Reads a request's body into one buffer of `memory`, large enough at once where the client says how long it is. Rejects with
 * `too-large` before reading when the announced length is over the bound, as soon as it is passed otherwise, and with
 * `cancelled` when the client leaves half-way.
 */
export async function readBody(request: IncomingMessage, bytesMax: number, memory: BodyMemory): Promise<Uint8Array> {
  const announced = request.headers['content-length'];
  const length = announced === undefined ? undefined : Number(announced);
  if (length !== undefined && length > bytesMax) raise('too-large', tooLarge(length, bytesMax));
  let buffer = memory.take(length ?? Math.min(CHUNKED_START_BYTES, bytesMax));
  let used = 0;
  return await new Promise<Uint8Array>((resolve, reject) => {
    const fail = (reason: Fault): void => {
      request.removeAllListeners('data');
      reject(new FaultError(reason));
    };
    const left = (): void => {
      if (!request.complete) fail(fault('cancelled', 'the client left before its body was complete'));
    };
    if (request.destroyed) left();
    request.on('data', (chunk: Buffer) => {
      const needed = used + chunk.length;
      if (needed > bytesMax) {
        fail(fault('too-large', tooLarge(needed, bytesMax)));
        return;
      }
      if (needed > buffer.length)
        buffer = grown(buffer, Math.min(Math.max(buffer.length * 2, needed), bytesMax), memory);
      buffer.set(chunk, used);
      used = needed;
    });
    request.on('end', () => resolve(buffer.subarray(0, used)));
    request.on('close', left);
    request.on('error', left);
  });
}

function grown(buffer: Uint8Array, size: number, memory: BodyMemory): Uint8Array<ArrayBuffer> {
  const larger = memory.take(size);
  larger.set(buffer);
  memory.give(buffer);
  return larger;
}

function tooLarge(size: number, bytesMax: number): string {
  return `request body too large: message size too large than max (${size} vs ${bytesMax})`;
}
