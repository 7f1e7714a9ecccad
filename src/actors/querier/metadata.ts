import type { Matcher } from '../../planning/logql/ast.js';
import { parseSelector } from '../../planning/logql/parser.js';
import { labelValue } from '../../wire/labels.js';
import type { TenantLimits } from '../../wire/limits.js';
import type { Reply } from '../../wire/message.js';
import type { LabelsMessage, ShardsMessage, VolumeMessage } from '../../wire/messages/asking.js';
import { isManyTenants, TENANT_LABEL, tenantsOf } from '../../wire/tenant.js';
import { detectLabels } from './detected-labels.js';
import { statsOf } from './index-stats.js';
import { labelNames } from './label-names.js';
import { shardsOf } from './shards.js';
import { queryStats } from './stats.js';
import { type StreamSources, streamsOf } from './stream-parts.js';
import { volumeMatchers, volumes } from './volume.js';

export type MetadataMessage = LabelsMessage | VolumeMessage | ShardsMessage;

/** Answers about streams, without a look at their lines. Throws a LogQLError for what is no selector. */
export async function answerMetadata(
  message: MetadataMessage,
  sources: StreamSources,
  limits: TenantLimits,
): Promise<Reply> {
  const { request } = message;
  const selectors = request.selectors.length === 0 ? [[]] : request.selectors.map((text) => parseSelector(text));
  switch (message.kind) {
    case 'labels':
      return answerLabels(message, selectors, sources);
    case 'volume': {
      const { targetLabels } = message.request;
      const [matchers = []] = selectors;
      const streams = await streamsOf(
        request.tenant,
        request,
        [volumeMatchers(matchers, targetLabels)],
        sources,
        'parts',
      );
      const result = volumes(streams, { ...message.request, matchers, maxSeries: limits.volume_max_series });
      return { kind: 'answer', answer: { result, stats: queryStats(undefined, result, 0, 0), warnings: [] } };
    }
    case 'shards': {
      const streams = await streamsOf(request.tenant, request, selectors, sources, 'parts');
      return { kind: 'shards', shards: shardsOf(streams, request, message.request.targetBytes) };
    }
  }
}

async function answerLabels(
  { what, name, request }: LabelsMessage,
  selectors: readonly (readonly Matcher[])[],
  sources: StreamSources,
): Promise<Reply> {
  const { tenant } = request;
  if ((what === 'labels' || what === 'values') && !isManyTenants(tenant)) {
    const of = what === 'values' ? name : undefined;
    return { kind: 'names', names: await labelNames(tenant, request, selectors, of, sources) };
  }
  const streams = await streamsOf(tenant, request, selectors, sources, what === 'stats' ? 'parts' : 'series');
  switch (what) {
    case 'series':
      return { kind: 'series', series: streams.map(({ labels }) => labels) };
    case 'labels': {
      const names = streams.flatMap(({ labels }) => labels.map(([label]) => label));
      return { kind: 'names', names: distinct([...names, TENANT_LABEL]) };
    }
    case 'values': {
      if (name === TENANT_LABEL) return { kind: 'names', names: tenantsOf(tenant) };
      const values = streams.map(({ labels }) => labelValue(labels, name));
      return { kind: 'names', names: distinct(values.filter((value) => value !== '')) };
    }
    case 'stats':
      return { kind: 'stats', stats: statsOf(streams, request) };
    case 'detected-labels':
      return { kind: 'detected.labels', labels: detectLabels(streams) };
  }
}

function distinct(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}
