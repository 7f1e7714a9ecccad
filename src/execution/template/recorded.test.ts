import { describe, expect, it } from 'vitest';
import { renderTemplate, type TemplateEntry } from '../../../test/support/render-template.js';

/** Entries and answers recorded from a reference Loki. */

const REFUSED: TemplateEntry = {
  labels: {
    amount: '243.60',
    app: 'payments',
    caller: 'pay.go:12',
    cluster: 'eu-west-1',
    detected_level: 'warn',
    duration: '2m3s',
    env: 'staging',
    ip: '2001:db8::1',
    level: 'warn',
    msg: 'payment refused',
    orderID: '1019',
    service_name: 'payments',
    size: '10KB',
    trace_id: '4d989ddb21b85d5c',
    ts: '2026-11-01T01:58:20.607Z',
  },
  line: 'level=warn ts=2026-11-01T01:58:20.607Z caller=pay.go:12 msg="payment refused" duration=2m3s size=10KB amount=243.60 ip=2001:db8::1 orderID=1019',
  timestamp: 1793498300607850154n,
};

const SUMMARY: TemplateEntry = {
  labels: {
    amount: '342.06',
    app: 'payments',
    caller: 'db.go:99',
    cluster: 'eu-west-1',
    detected_level: 'warn',
    duration: 'abc',
    env: 'prod',
    ip: '2001:db8::1',
    level: 'warn',
    msg: 'metric.go summary',
    orderID: '1014',
    service_name: 'payments',
    size: '3KiB',
    ts: '2026-11-01T01:59:34.947Z',
  },
  line: 'level=warn ts=2026-11-01T01:59:34.947Z caller=db.go:99 msg="metric.go summary" duration=abc size=3KiB amount=342.06 ip=2001:db8::1 orderID=1014',
  timestamp: 1793498374947315601n,
};

const BROKEN_JSON: TemplateEntry = {
  labels: {
    app: 'api',
    cluster: 'eu-west-1',
    detected_level: 'warn',
    duration_ms: '7.316',
    env: 'prod',
    http_host: 'b.example.com',
    level: 'warn',
    level_extracted: 'warn',
    method: 'POST',
    msg: 'cache miss',
    ok: 'true',
    path: '/api/v1/orders',
    pod: 'api-3',
    service_name: 'api',
    size: '1KB',
    status: '200',
    took: '1.5s',
    trace_id: 'b16548b3a41ba588',
    ts: '2026-11-01T01:56:27.381Z',
    user_id: '22',
    user_name: 'bob',
  },
  line: '{"ts":"2026-11-01T01:56:27.381Z","level":"warn","msg":"cache miss","method":"POST","path":"/api/v1/orders","status":200,"duration_ms":7.316,"took":"1.5s","size":"1KB","user":{"id":22,"name":"bob","roles":["admin","dev"]},"http.host":"b.example.com","ok":true,"nothing":null,"trace_id":"441cc57f178',
  timestamp: 1793498187381005192n,
};

const NGINX: TemplateEntry = {
  labels: {
    app: 'nginx',
    cluster: 'us-east-1',
    detected_level: 'unknown',
    env: 'prod',
    pod: 'nginx-0',
    service_name: 'nginx',
  },
  line: '192.168.4.250 - dave [01/Nov/2026:01:59:40 +0000] "PUT /login HTTP/1.1" 204 57865 "-" "Googlebot/2.1" 0.183',
  timestamp: 1793498380580227606n,
};

const CASES: readonly (readonly [entry: TemplateEntry, template: string, output: string])[] = [
  [REFUSED, '{{.msg}}', 'payment refused'],
  [BROKEN_JSON, '{{.user_name}} {{.user_id}}', 'bob 22'],
  [REFUSED, '{{.level}}', 'warn'],
  [REFUSED, '{{.level | ToUpper}} {{.msg}}', 'WARN payment refused'],
  [REFUSED, '{{ .msg | replace "payment" "PAY" }}', 'PAY refused'],
  [REFUSED, '{{ trunc 5 .msg }}|{{ trunc -5 .msg }}', 'payme|fused'],
  [REFUSED, '{{ substr 2 6 .msg }}', 'ymen'],
  [REFUSED, '{{ addf 1.5 2 }} {{ subf 5 2.5 }} {{ mulf 2.5 2 }} {{ divf 7 2 }}', '3.5 2.5 5 3.5'],
  [REFUSED, '{{ if eq .level "error" }}E{{ else if eq .level "warn" }}W{{ else }}-{{ end }}', 'W'],
  [REFUSED, '{{ .orderID | int | add 1 }}', '1020'],
  [REFUSED, '{{ regexReplaceAll "(p[a-z]+)" .msg "<$1>" }}', '<payment> refused'],
  [REFUSED, '{{ .msg | b64enc }} {{ .msg | b64enc | b64dec }}', 'cGF5bWVudCByZWZ1c2Vk payment refused'],
  [REFUSED, '{{ urlencode .msg }} {{ urlencode .msg | urldecode }}', 'payment+refused payment refused'],
  [REFUSED, '{{ indent 2 .level }}', '  warn'],
  [REFUSED, '{{ repeat 3 "ab" }}', 'ababab'],
  [
    REFUSED,
    '{{ trim " x " }}|{{ trimAll "$" "$5$" }}|{{ trimPrefix "pa" .msg }}|{{ trimSuffix "ed" .msg }}',
    'x|5|yment refused|payment refus',
  ],
  [REFUSED, '{{ __line__ | len }}', '143'],
  [REFUSED, '{{ __timestamp__ | date "2006-01-02T15:04:05.000Z07:00" }}', '2026-11-01T01:58:20.607Z'],
  [
    SUMMARY,
    '{{ duration .duration }} {{ duration_seconds "1m" }}',
    'error: template: line:1:3: executing "line" at <duration .duration>: error calling duration: time: invalid duration "abc"',
  ],
  [REFUSED, '{{ bytes "2KB" }}', '2000'],
  [REFUSED, '{{ .nosuch }}x', 'x'],
  [REFUSED, '{{ max 1 2 3 }} {{ min 1 2 3 }} {{ maxf 1.5 2 }} {{ minf 1.5 2 }}', '3 1 2 1.5'],
  [REFUSED, '{{ .ip | alignLeft 8 }}|{{ .ip | alignRight 8 }}', '2001:db8|1:db8::1'],
  [
    REFUSED,
    '{{ .bad.field }}',
    'error: template: line:1:7: executing "line" at <.bad.field>: can\'t evaluate field field in type string',
  ],
  [REFUSED, '{{ and .level .err }} {{ or .err "z" }} {{ not .err }}', ' z true'],
  [REFUSED, '{{ with .err }}err={{ . }}{{ end }}', ''],
  [REFUSED, '{{ unixToTime "1679577215" | date "2006" }}', '2023'],
  [BROKEN_JSON, '{{.method}}', 'POST'],
  [BROKEN_JSON, '{{.nosuch}}', ''],
  [
    NGINX,
    '{{__line__}}!',
    '192.168.4.250 - dave [01/Nov/2026:01:59:40 +0000] "PUT /login HTTP/1.1" 204 57865 "-" "Googlebot/2.1" 0.183!',
  ],
  [REFUSED, '', ''],
  [REFUSED, '{{.level | ToUpper}}', 'WARN'],
  [REFUSED, 'changed', 'changed'],
  [BROKEN_JSON, '{{ .status }}xx', '200xx'],
];

describe('a template prints what a reference Loki printed', () => {
  it.each(CASES)('%#: %o %j', (entry, template, output) => {
    expect(renderTemplate(template, entry)).toBe(output);
  });
});
