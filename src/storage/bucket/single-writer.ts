/**
 * Compare-and-swap on a store without it, correct while this process is the only writer of the objects concerned: updates
 * are put in a row, and versions are compared in between.
 */
import { FaultError } from '../../wire/fault.js';
import type { Bucket, ConditionalUpload } from './bucket.js';

export function singleWriter(bucket: Bucket): ConditionalUpload {
  let last: Promise<unknown> = Promise.resolve();
  const version = async (name: string): Promise<string | null> => {
    try {
      return (await bucket.attributes(name)).version;
    } catch (error) {
      if (error instanceof FaultError && error.fault.code === 'not-found') return null;
      throw error;
    }
  };
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work);
    last = turn.catch(() => {});
    return turn;
  };
  return {
    get: (name) =>
      inTurn(async () => {
        const found = await version(name);
        return found === null ? null : { bytes: await bucket.get(name), version: found };
      }),
    upload: (name, bytes, expected) =>
      inTurn(async () => {
        if ((await version(name)) !== expected) return null;
        await bucket.upload(name, bytes);
        return version(name);
      }),
  };
}
