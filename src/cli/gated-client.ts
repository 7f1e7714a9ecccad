import type { Client } from '../api/client.js';
import { type Fault, fault } from '../wire/fault.js';
import type { Outcome } from '../wire/query.js';

/** What the server is about; decides whether requests are let through. */
export type Stage =
  /** `at`: what takes its time, e.g. `the write-ahead log is being read`. */
  | { readonly kind: 'starting'; readonly at: string }
  | { readonly kind: 'running'; readonly client: Client }
  /** The ingester was shut down by request: what it holds can be asked for, and nothing is added. */
  | { readonly kind: 'retired'; readonly client: Client }
  | { readonly kind: 'stopping' };

/** The client of a server whose parts come and go: refuses clearly while they are not there. */
export function gatedClient(stage: () => Stage, metrics: Client['metrics']): Client {
  const closed = (): Fault | undefined => {
    const now = stage();
    switch (now.kind) {
      case 'starting':
        return fault('unavailable', `Skald is starting: ${now.at}`);
      case 'stopping':
        return fault('unavailable', 'Skald is stopping');
      case 'retired':
        return fault('unavailable', 'the ingester of this process was shut down');
      case 'running':
        return undefined;
    }
  };
  const through = async <T>(call: (client: Client) => Promise<Outcome<T>>): Promise<Outcome<T>> => {
    const now = stage();
    return 'client' in now ? call(now.client) : { ok: false, fault: closed()! };
  };
  return {
    push: (request) =>
      through(async (client) => {
        const reason = closed();
        return reason === undefined ? client.push(request) : { ok: false, fault: reason };
      }),
    query: (request, signal) => through((client) => client.query(request, signal)),
    labels: (request, signal) => through((client) => client.labels(request, signal)),
    labelValues: (request, signal) => through((client) => client.labelValues(request, signal)),
    series: (request, signal) => through((client) => client.series(request, signal)),
    indexStats: (request, signal) => through((client) => client.indexStats(request, signal)),
    indexShards: (request, signal) => through((client) => client.indexShards(request, signal)),
    volume: (request, signal) => through((client) => client.volume(request, signal)),
    detectedLabels: (request, signal) => through((client) => client.detectedLabels(request, signal)),
    detectedFields: (request, signal) => through((client) => client.detectedFields(request, signal)),
    detectedFieldValues: (request, signal) => through((client) => client.detectedFieldValues(request, signal)),
    patterns: (request, signal) => through((client) => client.patterns(request, signal)),
    tail: (request, signal) => through((client) => client.tail(request, signal)),
    flush: () => through((client) => client.flush()),
    formatQuery: (query) => {
      const now = stage();
      return 'client' in now ? now.client.formatQuery(query) : { ok: false, fault: closed()! };
    },
    readiness: () => {
      const now = stage();
      return closed() ?? ('client' in now ? now.client.readiness() : undefined);
    },
    metrics,
  };
}
