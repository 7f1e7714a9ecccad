import { ByteCache } from '../../wire/byte-cache.js';
import { type ByteRun, byteRun } from '../../wire/byte-copy.js';
import { raise } from '../../wire/fault.js';
import { formatLabels, labelsOf } from '../../wire/labels.js';
import type { TenantLimits } from '../../wire/limits.js';
import { nameProblem, normalizeName } from './metadata.js';
import { leaves, OtlpPairs } from './otlp-pairs.js';
import { OtlpRules } from './otlp-rules.js';
import { asString, type OtlpValue } from './otlp-value.js';
import { StreamCache } from './stream-labels.js';

const CACHED = 1024;
const CACHED_BYTES = 4 * 1024 * 1024;

type Attribute = readonly [name: string, value: OtlpValue];

/** What a resource says of all its records. */
export interface OtlpResource {
  /** Its stream labels; records may add to them. */
  readonly labels: ReadonlyMap<string, string>;
  /** The same as text. */
  readonly stream: ByteRun;
  readonly pairs: OtlpPairs;
}

/** What is remembered of a tenant's resources and scopes, which come with every request. */
export class OtlpMemory {
  readonly rules: OtlpRules;
  /** Streams whose service was looked for among the resource's attributes, and is not again among the labels. */
  readonly streams: StreamCache;
  readonly resources = new ByteCache<OtlpResource>(CACHED, CACHED_BYTES);
  readonly scopes = new ByteCache<OtlpPairs>(CACHED, CACHED_BYTES);
  readonly #serviceLabels: readonly string[];

  constructor(tenant: string, limits: TenantLimits) {
    this.rules = new OtlpRules(limits.otlp_config);
    this.streams = new StreamCache(tenant, { ...limits, discover_service_name: [] });
    this.#serviceLabels = limits.discover_service_name;
  }

  /** Throws a FaultError (`bad-request`) where no label can be made of an attribute's name. */
  resource(attributes: readonly Attribute[]): OtlpResource {
    const labels = new Map<string, string>();
    const pairs = new OtlpPairs();
    const services = this.#serviceLabels;
    const service = attributes.find(([name]) => name === 'service.name');
    // A service that is no label is a service all the same.
    let isServiceKnown = services.length === 0 || (service !== undefined && asString(service[1]) !== '');
    for (const [name, value] of attributes) {
      const action = this.rules.resource(name);
      if (action === 'structured_metadata') pairs.attribute(name, value);
      else if (action === 'index_label') {
        for (const [label, text] of labelsOfAttribute(name, value)) {
          labels.set(label, text);
          if (isServiceKnown || !services.includes(label)) continue;
          labels.set('service_name', text);
          isServiceKnown = true;
        }
      }
    }
    if (!isServiceKnown) labels.set('service_name', 'unknown_service');
    return { labels, stream: streamText(labels), pairs };
  }
}

export function* labelsOfAttribute(name: string, value: OtlpValue): Generator<readonly [string, string], void> {
  for (const [leaf, inner] of leaves(name, value)) {
    const label = normalizeName(leaf);
    const problem = nameProblem(leaf, label);
    if (problem !== '') raise('bad-request', problem);
    yield [label, asString(inner)];
  }
}

export function streamText(labels: ReadonlyMap<string, string>): ByteRun {
  return byteRun(new Uint8Array(Buffer.from(formatLabels(labelsOf(labels)))));
}
