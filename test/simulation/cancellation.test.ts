import { describe, expect, it } from 'vitest';
import type { Reply } from '../../src/wire/message.js';
import type { QueryRequest } from '../../src/wire/query.js';
import { requestOf } from '../support/query-system.js';
import { SimCluster, SimStore } from '../support/sim-cluster.js';

const QUERIES: readonly QueryRequest[] = [
  requestOf('{app=~".+"}', { limit: 1000 }),
  requestOf('sum by (app) (count_over_time({app=~".+"}[10m]))', { stepNs: 300e9 }),
];
/** A message takes one to reach another process. */
const HOP_MS = 1;

describe('a query whose caller leaves', () => {
  it.each([20, 300, 900])('after %i ms is given up everywhere, from process to process, at once', async (afterMs) => {
    const store = await SimStore.filled(6, 40);
    for (const request of QUERIES) {
      const cluster = new SimCluster(store, afterMs, { slow: 50 });
      await cluster.ready();
      const abort = new AbortController();
      let reply: Reply | undefined;
      void cluster.askFromAfar(request, abort.signal).then((value) => {
        reply = value;
      });
      await cluster.clock.advance(afterMs);
      expect(cluster.leftovers()).not.toEqual({});
      abort.abort();
      await cluster.clock.settle();
      expect(reply).toMatchObject({ kind: 'fault', fault: { code: 'cancelled' } });
      // To the querier, the scheduler, the workers, and back with what became of the tasks.
      await cluster.clock.advance(5 * HOP_MS);
      expect(cluster.leftovers()).toEqual({});
      expect(await cluster.close()).toBe(0);
    }
  });
});
