import type { Client } from '../api/client.js';
import { type Fault, fault } from '../wire/fault.js';
import type { Outcome } from '../wire/query.js';

/** What the server is about; decides whether requests are let through. */
export type Stage =
  | { readonly kind: 'starting' }
  | { readonly kind: 'running'; readonly client: Client }
  | { readonly kind: 'stopping' };

/** The client of a server whose parts come and go: refuses clearly while they are not there. */
export function gatedClient(stage: () => Stage, metrics: Client['metrics']): Client {
  const closed = (): Fault | undefined => {
    switch (stage().kind) {
      case 'starting':
        return fault('unavailable', 'Skald is starting: the write-ahead log is being read');
      case 'stopping':
        return fault('unavailable', 'Skald is stopping');
      case 'running':
        return undefined;
    }
  };
  const through = async <T>(call: (client: Client) => Promise<Outcome<T>>): Promise<Outcome<T>> => {
    const now = stage();
    return now.kind === 'running' ? call(now.client) : { ok: false, fault: closed()! };
  };
  return {
    push: (request, signal) => through((client) => client.push(request, signal)),
    query: (request, signal) => through((client) => client.query(request, signal)),
    labels: (request, signal) => through((client) => client.labels(request, signal)),
    labelValues: (request, signal) => through((client) => client.labelValues(request, signal)),
    series: (request, signal) => through((client) => client.series(request, signal)),
    indexStats: (request, signal) => through((client) => client.indexStats(request, signal)),
    patterns: (request, signal) => through((client) => client.patterns(request, signal)),
    flush: () => through((client) => client.flush()),
    formatQuery: (query) => {
      const now = stage();
      return now.kind === 'running' ? now.client.formatQuery(query) : { ok: false, fault: closed()! };
    },
    readiness: closed,
    metrics,
  };
}
