// Push requests of applications that do not exist, for whoever has no recording: the kinds of lines, labels and metadata that
// the questions of the benchmark are about, the same bytes every time.
import { NEEDLE, TRACE_ID } from './queries.mjs';
import { compress, delimited, varintBytes } from './spool.mjs';

const REQUESTS = 600;
const STREAMS_PER_SERVICE = 10;
/** Of each request, on average. */
const LINES_PER_STREAM = 2.5;
const DAY_START_S = Date.UTC(2026, 10, 1) / 1000;
const DAY_S = 24 * 3600;

let seed = 20261101;
function below(n) {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return Math.floor((seed / 2 ** 32) * n);
}
const pick = (...values) => values[below(values.length)];
const digits = (n, letters = '0123456789abcdef') => Array.from({ length: n }, () => letters[below(16)]).join('');
const address = () => Array.from({ length: 4 }, () => below(256)).join('.');
const iso = (seconds) => new Date(seconds * 1000).toISOString();

/** A line of each service at `t` seconds, of a level. */
const SERVICES = {
  nginx: (t) =>
    `${address()} - user${below(1000)} [${iso(t)}] "${pick('GET', 'POST', 'PUT')} /api/v${below(3)}/items/${below(9999)} HTTP/1.1" ` +
    `${pick(200, 204, 302, 404, 500)} ${below(90000)} "https://example.com" "${pick('curl/8.5', 'Mozilla/5.0')}"`,
  'web-server': (t, level) =>
    JSON.stringify({
      ...{
        level,
        ts: iso(t),
        msg: 'HTTP request',
        method: pick('GET', 'POST'),
        path: `/api/v1/${pick('auth', 'items')}`,
      },
      ...{ status: pick(200, 201, 400, 404, 500, 503), duration_ms: below(1000), user_agent: 'python-requests/2.26.0' },
      ...{ client_ip: address(), request_id: digits(32), error: pick(undefined, 'not found', 'connection refused') },
    }),
  database: (t, level) =>
    JSON.stringify({
      ...{ level, ts: iso(t), msg: 'Query executed', query_type: pick('SELECT', 'INSERT', 'UPDATE'), table: 'logs' },
      ...{ duration_ms: below(900), rows_affected: below(100), query_id: digits(32) },
    }),
  'auth-service': (t, level) =>
    JSON.stringify({
      ...{ level, ts: iso(t), msg: 'Authentication request', user: `user${below(999)}`, success: below(2) > 0 },
      ...{
        duration: `${below(900)}ms`,
        client_ip: address(),
        request_id: digits(32),
        error: pick(undefined, 'timeout'),
      },
    }),
  ...Object.fromEntries(
    ['mimir', 'loki', 'tempo'].map((service) => [
      service,
      (t, level) =>
        `level=${level} ts=${iso(t)} caller=${service}.go:${below(900)} msg="${pick('gRPC request', 'query', 'flush')}" ` +
        `tenant=tenant${below(9)} trace_id=${digits(32)} span_id=${digits(16)} bytes=${below(1e7)} size=${below(9999)}`,
    ]),
  ),
  grafana: (t, level) =>
    `level=${level} ts=${iso(t)} logger=http.server caller=plugins:${below(200)} msg="Dashboard saved" userId=${below(999)} duration=${below(999)}ms`,
  kubernetes: (t, level) =>
    `${iso(t)} ${level} [kube-scheduler] F0612: Scheduled pod pod-${below(999)} on host-${below(99)}`,
  cache: (t, level) =>
    JSON.stringify({
      level,
      ts: iso(t),
      msg: 'Cache operation',
      key: `key:${below(999)}`,
      size: below(9999),
      duration: `${below(999)}ms`,
    }),
  kafka: (t, level) =>
    JSON.stringify({
      level,
      ts: iso(t),
      msg: 'Kafka event',
      topic: 'payments',
      partition: below(24),
      offset: below(99999),
    }),
  syslog: () => `<${below(99)}>host-${below(99)} systemd[${below(9999)}]: ${pick('Starting', 'Stopping')} service...`,
};
/** Pods that questions name. */
const PODS = { nginx: 'pod-3305', 'web-server': 'pod-4518' };

/** Bodies as of a recording, in the order of their times: 24 hours. */
export function madeUpTraffic() {
  const streams = Object.entries(SERVICES).flatMap(([service, line]) =>
    Array.from({ length: STREAMS_PER_SERVICE }, (_, i) => ({ labels: labelsOf(service, i), service, line })),
  );
  return Array.from({ length: REQUESTS }, (_, request) => {
    const from = DAY_START_S + (request * DAY_S) / REQUESTS;
    const parts = streams.flatMap((stream) => delimited(1, pushStream(stream, from)));
    if (request === REQUESTS >> 1) parts.push(...delimited(1, needles(from)));
    return compress(Buffer.concat(parts));
  });
}

function labelsOf(service, i) {
  const pod = (i === 0 && PODS[service]) || `pod-${below(5000)}`;
  const labels = {
    ...{
      cluster: `cluster-${i % 5}`,
      container: `container-${i % 3}`,
      datacenter: `dc${i % 3}`,
      env: pick('dev', 'prod', 'staging'),
    },
    ...{ namespace: `namespace-${below(50)}`, pod, region: pick('eu-west-1', 'us-east-1'), service_name: service },
  };
  return `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(', ')}}`;
}

function pushStream({ labels, service, line }, from) {
  const times = Array.from(
    { length: Math.round(LINES_PER_STREAM * (0.5 + below(100) / 100)) },
    () => below(144e6) / 1e6,
  );
  const entries = times
    .sort((a, b) => a - b)
    .flatMap((offset) => {
      const level = pick('info', 'info', 'info', 'debug', 'warn', 'error');
      return delimited(2, entry(from + offset, line(from + offset, level), metadataOf(service, level)));
    });
  return Buffer.concat([...delimited(1, Buffer.from(labels)), ...entries]);
}

/** What questions search for. */
function needles(seconds) {
  const lines = [
    entry(seconds, `level=info msg=query trace_id=${NEEDLE}`, { level: 'info' }),
    entry(seconds, 'level=info msg=flush', { level: 'info', trace_id: TRACE_ID }),
  ];
  return Buffer.concat([
    ...delimited(1, Buffer.from(labelsOf('loki', 1))),
    ...lines.flatMap((line) => delimited(2, line)),
  ]);
}

function metadataOf(service, level) {
  const pairs = {
    level,
    detected_level: level,
    resource_service_name: service,
    resource_hostname: `host-${below(99)}`,
  };
  return below(2) > 0 ? pairs : { ...pairs, trace_id: digits(32), span_id: digits(16) };
}

function entry(seconds, line, metadata) {
  const whole = Math.floor(seconds);
  const time = Buffer.from([8, ...varintBytes(whole), 16, ...varintBytes(Math.round((seconds - whole) * 1e9) % 1e9)]);
  const pairs = Object.entries(metadata).flatMap(([name, value]) =>
    delimited(3, Buffer.concat([...delimited(1, Buffer.from(name)), ...delimited(2, Buffer.from(value))])),
  );
  return Buffer.concat([...delimited(1, time), ...delimited(2, Buffer.from(line)), ...pairs]);
}
