/** The table of endpoints, and the search in it. */
import { buildinfo } from './buildinfo.js';
import { detectedFields, detectedFieldValues, detectedLabels } from './detected.js';
import { drilldownLimits } from './drilldown-limits.js';
import type { ErrorStyle } from './errors.js';
import type { Handler } from './exchange.js';
import { flush } from './flush.js';
import { formatQuery } from './format-query.js';
import { indexShards } from './index-shards.js';
import { indexStats } from './index-stats.js';
import { labelValues } from './label-values.js';
import { labels } from './labels.js';
import { later } from './later.js';
import { legacyLabels, legacyLabelValues, legacyQuery } from './legacy.js';
import { memberlist } from './memberlist.js';
import { metrics } from './metrics.js';
import {
  cacheGeneration,
  config,
  flushShutdown,
  logLevel,
  ownSiteOnly,
  prepareShutdown,
  services,
  shutdown,
  syncIndexes,
  tenantLimits,
} from './operations.js';
import { patterns } from './patterns.js';
import { legacyPush, otlpPush, push } from './push.js';
import { query } from './query.js';
import { queryRange } from './query-range.js';
import { ready } from './ready.js';
import { ring } from './ring.js';
import { series } from './series.js';
import { legacyTail, tail } from './tail.js';
import { volume, volumeRange } from './volume.js';

export interface Route {
  /** Segments between slashes; `{name}` stands for any one segment. */
  readonly path: string;
  readonly methods: readonly string[];
  /** False for endpoints about the process: they need no tenant. */
  readonly tenant: boolean;
  /** Whether several tenants may be asked at once, where the configuration allows it at all. */
  readonly manyTenants?: boolean;
  /** A form holds parameters; a raw body is the handler's own affair. */
  readonly body: 'form' | 'raw';
  readonly errors: ErrorStyle;
  readonly handler: Handler;
}

const READ = ['GET', 'POST'];

function read(path: string, handler: Handler, errors: ErrorStyle = 'plain'): Route {
  return { path, methods: READ, tenant: true, manyTenants: true, body: 'form', errors, handler };
}

function write(path: string, handler: Handler): Route {
  return { path, methods: ['POST'], tenant: true, body: 'raw', errors: 'line', handler };
}

function admin(path: string, handler: Handler, methods: readonly string[] = ['GET']): Route {
  return { path, methods, tenant: false, body: 'form', errors: 'line', handler };
}

/** Of one tenant only. */
function follow(path: string, handler: Handler): Route {
  return { path, methods: ['GET'], tenant: true, body: 'form', errors: 'plain', handler };
}

function notYet(path: string, methods: readonly string[] = READ): Route {
  return { path, methods, tenant: true, body: 'raw', errors: 'plain', handler: later(path) };
}

export const ROUTES: readonly Route[] = [
  write('/loki/api/v1/push', push),
  write('/api/prom/push', legacyPush),
  { ...write('/otlp/v1/logs', otlpPush), errors: 'status' },
  read('/loki/api/v1/query_range', queryRange),
  read('/loki/api/v1/query', query),
  read('/loki/api/v1/labels', labels),
  read('/loki/api/v1/label', labels),
  read('/loki/api/v1/label/{name}/values', labelValues),
  read('/loki/api/v1/series', series),
  read('/loki/api/v1/index/stats', indexStats),
  read('/loki/api/v1/index/volume', volume),
  read('/loki/api/v1/index/volume_range', volumeRange),
  read('/loki/api/v1/index/shards', indexShards),
  read('/loki/api/v1/detected_labels', detectedLabels),
  read('/loki/api/v1/detected_fields', detectedFields),
  read('/loki/api/v1/detected_field/{name}/values', detectedFieldValues),
  read('/loki/api/v1/patterns', patterns),
  read('/loki/api/v1/drilldown-limits', drilldownLimits),
  read('/loki/api/v1/format_query', formatQuery, 'json'),
  admin('/loki/api/v1/status/buildinfo', buildinfo),
  admin('/ready', ready),
  admin('/metrics', metrics),
  admin('/flush', ownSiteOnly(flush), ['POST', 'GET']),
  { ...admin('/flush/tenant', ownSiteOnly(flush), ['POST']), tenant: true },
  admin('/config', config),
  { ...admin('/config/tenant/v1/limits', tenantLimits), tenant: true },
  admin('/services', services),
  admin('/log_level', ownSiteOnly(logLevel), ['GET', 'POST']),
  admin('/ring', ring('ingester'), ['GET', 'POST']),
  admin('/distributor/ring', ring('distributor'), ['GET', 'POST']),
  admin('/indexgateway/ring', ring('index-gateway'), ['GET', 'POST']),
  admin('/ruler/ring', ring('ruler'), ['GET', 'POST']),
  admin('/compactor/ring', ring('compactor'), ['GET', 'POST']),
  admin('/scheduler/ring', ring('scheduler'), ['GET', 'POST']),
  admin('/pattern/ring', ring('pattern'), ['GET', 'POST']),
  admin('/memberlist', memberlist),
  admin('/ingester/prepare_shutdown', ownSiteOnly(prepareShutdown), ['GET', 'POST', 'DELETE']),
  admin('/ingester/flush_shutdown', ownSiteOnly(flushShutdown), ['POST']),
  admin('/ingester/shutdown', ownSiteOnly(shutdown), ['POST']),
  admin('/sync-indexes', syncIndexes, ['GET', 'PUT']),
  read('/loki/api/v1/cache/generation_numbers', cacheGeneration),
  read('/api/prom/query', legacyQuery),
  read('/api/prom/label', legacyLabels),
  read('/api/prom/label/{name}/values', legacyLabelValues),
  read('/api/prom/series', series),
  follow('/loki/api/v1/tail', tail),
  follow('/api/prom/tail', legacyTail),

  notYet('/loki/api/v1/delete', ['GET', 'POST', 'PUT', 'DELETE']),
  notYet('/loki/api/v1/rules', ['GET']),
  notYet('/loki/api/v1/rules/{name}', ['GET', 'POST', 'DELETE']),
  notYet('/prometheus/api/v1/rules', ['GET']),
  notYet('/prometheus/api/v1/alerts', ['GET']),
];

const EXACT = new Map(ROUTES.filter((route) => !route.path.includes('{')).map((route) => [route.path, route]));
const PATTERNS = ROUTES.filter((route) => route.path.includes('{')).map((route) => {
  const [before = '', after = ''] = route.path.split('{name}');
  return { route, before, after };
});

/** The route of a path (without query string) and its `{name}` as sent; undefined when nothing is served there. */
export function findRoute(path: string): { route: Route; name: string } | undefined {
  const exact = EXACT.get(path);
  if (exact !== undefined) return { route: exact, name: '' };
  for (const { route, before, after } of PATTERNS) {
    if (!path.startsWith(before) || !path.endsWith(after)) continue;
    const name = path.slice(before.length, path.length - after.length);
    if (name !== '' && !name.includes('/')) return { route, name };
  }
  return undefined;
}
