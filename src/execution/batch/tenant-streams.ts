import { getOrCreate } from '../../wire/get-or-create.js';
import type { Labels } from '../../wire/labels.js';
import { MOVED_TENANT_LABEL, TENANT_LABEL, withTenantLabel } from '../../wire/tenant.js';
import type { StreamSet } from './streams.js';

const known = new WeakMap<StreamSet, StreamSet>();

/** Streams of one tenant in a query over several: all of them have its name as a label. The same set for the same streams. */
export function tenantStreams(streams: StreamSet, tenant: string): StreamSet {
  return getOrCreate(known, streams, () => new TenantStreams(streams, tenant));
}

class TenantStreams implements StreamSet {
  readonly count: number;
  readonly names: readonly string[];
  readonly #streams: StreamSet;
  readonly #tenant: string;
  #column: { readonly ids: Int32Array; readonly values: readonly string[] } | undefined;

  constructor(streams: StreamSet, tenant: string) {
    this.count = streams.count;
    const moved = streams.names.map((name) => (name === TENANT_LABEL ? MOVED_TENANT_LABEL : name));
    this.names = [...new Set([...moved, TENANT_LABEL])];
    this.#streams = streams;
    this.#tenant = tenant;
  }

  column(name: string): { readonly ids: Int32Array; readonly values: readonly string[] } | undefined {
    if (name === MOVED_TENANT_LABEL) return this.#streams.column(TENANT_LABEL) ?? this.#streams.column(name);
    if (name !== TENANT_LABEL) return this.#streams.column(name);
    this.#column ??= { ids: new Int32Array(this.count), values: [this.#tenant] };
    return this.#column;
  }

  labels(stream: number): Labels {
    return withTenantLabel(this.#streams.labels(stream), this.#tenant);
  }
}
