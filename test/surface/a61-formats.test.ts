/** Templates, renames, and labels that go (A61-A68). */
import { describe, expect, test } from 'vitest';
import { surface } from '../support/surface.js';

const one = surface([
  { labels: { app: 'x', pod: 'p' }, metadata: { m: 'meta' }, line: 'n=3 s="héllo wörld" e= d=1m30s t=1700000000' },
]);

/** The line that a template makes of the row above. */
async function line(template: string): Promise<string> {
  return (await one.lines(`{app="x"} | logfmt | line_format \`${template}\``))[0]!;
}

async function failure(template: string): Promise<string> {
  const [labels] = await one.labels(`{app="x"} | logfmt | line_format \`${template}\``);
  expect(labels).toMatchObject({ __error__: 'TemplateFormatErr' });
  return labels!.__error_details__!;
}

test.each([
  ['{{.pod}} {{.m}} {{.n}}|{{.nosuch}}|{{ .e }}|', 'p meta 3|||'],
  ['{{ if eq .n "3" "4" }}yes{{ else if .e }}e{{ else }}no{{ end }}', 'yes'],
  ['{{ with .e }}{{.}}{{ else }}empty{{ end }}', 'empty'],
  ['{{ $x := .n }}{{ $x = printf "%s!" $x }}{{ $x }}', '3!'],
  ['{{ range $i, $v := fromJson "[1,\\"b\\",null]" }}{{ $i }}={{ $v }};{{ end }}', '0=1;1=b;2=<no value>;'],
  ['{{ define "T" }}<{{ . }}>{{ end }}{{ template "T" .n }}', '<3>'],
  ['a {{- "b" -}} c {{/* said nothing */}}', 'abc '],
  ['{{ and .n .e }}|{{ or .e .n }}|{{ not .e }}|{{ len .s }}|{{ index .s 0 }}|{{ slice .s 0 1 }}', '|3|true|13|104|h'],
  ['{{ print 1 2 "a" 3 }}|{{ html "<&>" }}|{{ urlquery "a b" }}', '1 2a3|&lt;&amp;&gt;|a+b'],
])('A61: the template %s writes %s', async (template, expected) => {
  expect(await line(template)).toBe(expected);
});

describe('A62: a template that', () => {
  test.each([
    ['{{ div 1 0 }}', 'integer divide by zero'],
    ['{{ substr 20 21 .s }}', 'slice bounds out of range'],
    ['{{ eq .n 3 }}', 'incompatible types for comparison'],
    ['{{ regexReplaceAll "(" .s "" }}', 'error parsing regexp'],
    ['{{ bytes "x" }}', 'invalid syntax'],
    ['{{ .n.field }}', "can't evaluate field field in type string"],
  ])('fails on a line leaves the line and says why: %s', async (template, why) => {
    expect(await failure(template)).toContain(why);
    expect(await line(template)).toContain('n=3 s=');
  });

  test.each([
    ['{{ nosuch .n }}', 'function "nosuch" not defined'],
    ['{{ .n', 'unclosed action'],
    ['{{ if }}x{{ end }}', 'missing value for if'],
  ])('cannot be read is refused: %s', async (template, why) => {
    const message = await one.fault(`{app="x"} | line_format \`${template}\``);
    expect(message).toContain('invalid line template');
    expect(message).toContain(why);
  });

  test('fails for a label leaves that label as it was', async () => {
    const [labels] = await one.labels('{app="x"} | logfmt | label_format n="{{ mod 1 0 }}", z="{{.n}}"');
    expect(labels).toMatchObject({ n: '3', z: '3', __error__: 'TemplateFormatErr' });
  });
});

test('A63: a template of an absent label leaves an empty line', async () => {
  expect(await line('{{.nosuch}}')).toBe('');
});

describe('A64: label_format', () => {
  test('moves a label, whatever its source, and does nothing without one', async () => {
    const [labels] = await one.labels('{app="x"} | label_format a=pod, b=m, c=nosuch');
    expect(labels).toEqual({ a: 'p', b: 'meta' });
  });

  test('sets a label also to nothing', async () => {
    expect((await one.labels('{app="x"} | label_format pod="{{.nosuch}}"'))[0]).toEqual({ pod: '', m: 'meta' });
  });

  test('shows its templates the labels as they were when the first of them ran', async () => {
    const [labels] = await one.labels('{app="x"} | label_format m="new", z="{{.m}}"');
    expect(labels).toEqual({ pod: 'p', m: 'new', z: 'meta' });
    expect((await one.labels('{app="x"} | label_format q=m, z="{{.m}}{{.q}}"'))[0]).toMatchObject({ z: 'meta' });
  });

  test('swaps two labels one after the other', async () => {
    expect((await one.labels('{app="x"} | label_format m=pod, pod=m'))[0]).toEqual({ pod: 'p' });
  });

  test('refuses one label twice, and the error', async () => {
    expect(await one.fault('{app="x"} | label_format a=pod, a=m')).toContain(
      "multiple label name 'a' not allowed in a single format operation",
    );
    expect(await one.fault('{app="x"} | label_format __error__="x"')).toContain('__error__ cannot be formatted');
  });
});

test.each([
  ['{{ ToUpper "a" }}{{ ToLower "B" }}{{ upper "c" }}{{ lower "D" }}{{ title "ab cD" }}', 'AbCdAb CD'],
  ['{{ Replace "aaa" "a" "b" 2 }} {{ replace "a" "b" "aaa" }}', 'bba bbb'],
  ['{{ Trim "xax" "x" }}{{ TrimLeft "xax" "x" }}{{ TrimRight "xax" "x" }}{{ TrimSpace " s " }}', 'aaxxas'],
  [
    '{{ TrimPrefix "abc" "a" }}{{ TrimSuffix "abc" "c" }}{{ trimPrefix "a" "abc" }}{{ trimSuffix "c" "abc" }}',
    'bcabbcab',
  ],
  ['{{ trim " a " }}{{ trimAll "$" "$5$" }}', 'a5'],
  ['{{ trunc 3 .s }}|{{ trunc -2 .s }}|{{ trunc 99 .s }}', 'hé|ld|héllo wörld'],
  [
    '{{ substr 0 1 .s }}|{{ substr -1 1 .s }}|{{ substr 6 -1 "hello world" }}|{{ substr 6 99 "hello world" }}',
    'h|h|world|world',
  ],
  ['{{ contains "ll" .s }} {{ hasPrefix "h" .s }} {{ hasSuffix "h" .s }}', 'true true false'],
  ['{{ indent 2 "a" }}|{{ nindent 1 "b" }}|{{ repeat 2 "c" }}', '  a|\n b|cc'],
  ['{{ regexReplaceAll "(l+)o" .s "<$1>" }} {{ regexReplaceAllLiteral "l+" .s "$1" }}', 'hé<ll> wörld hé$1o wör$1d'],
  ['{{ count "l" .s }} {{ urlencode "a b/é" }} {{ urldecode "a+b%2F" }}', '3 a+b%2F%C3%A9 a b/'],
  ['{{ b64enc "hi" }} {{ b64dec "aGk" }} {{ b64dec "*" }}', 'aGk= hi illegal base64 data at input byte 0'],
  ['{{ bytes "2 KiB" }} {{ duration .d }} {{ duration_seconds "150ms" }}', '2048 90 0.15'],
  ['{{ int "12.7" }} {{ int "x" }} {{ float64 "1e2" }}', '12 0 100'],
  [
    '{{ add 1 2 3 }} {{ sub 5 "2" }} {{ mul 2 3 4 }} {{ div 7 2 }} {{ mod 7 4 }} {{ max 1 9 3 }} {{ min 4 2 }}',
    '6 3 24 3 3 9 2',
  ],
  [
    '{{ addf 0.1 0.2 }} {{ subf 1 0.9 }} {{ mulf 1.5 2 }} {{ divf 1 4 }} {{ maxf 1 2.5 }} {{ minf 1 2.5 }}',
    '0.3 0.1 3 0.25 2.5 1',
  ],
  ['{{ ceil 1.1 }} {{ floor 1.9 }} {{ round 1.2345 2 }} {{ round 1.5 0 }}', '2 1 1.23 2'],
  ['{{ (fromJson "{\\"a\\":{\\"b\\":[1,2]}}").a.b }} {{ fromJson "{" }}', '[1 2] <no value>'],
  ['{{ alignLeft 4 "é" }}|{{ alignRight 4 "é" }}|{{ alignLeft 2 "héy" }}|{{ alignRight 2 "héy" }}', 'é   |   é|hé|éy'],
  ['{{ default "d" .e }}{{ default "d" .n }}{{ .nosuch | default "z" }}', 'd3z'],
])('A65: %s gives %s', async (template, expected) => {
  expect(await line(template)).toBe(expected);
});

test.each([
  ['{{ __line__ | len }}', '45'],
  ['{{ __timestamp__ | date "2006-01-02T15:04:05.000Z07:00" }}', '2026-11-01T01:00:00.000Z'],
  ['{{ __timestamp__ | unixEpoch }} {{ unixEpochMillis __timestamp__ }}', '1793494800 1793494800000'],
  ['{{ unixEpochNanos __timestamp__ }}', '1793494800000000000'],
  ['{{ (__timestamp__).Year }} {{ __timestamp__.Weekday }}', '2026 Sunday'],
  ['{{ date "2006" 0 }} {{ toDate "2006-01-02" "2024-02-29" | unixEpoch }}', '1970 1709164800'],
  ['{{ toDateInZone "2006-01-02 15:04" "Asia/Tokyo" "2024-01-01 09:00" | unixEpoch }}', '1704067200'],
  ['{{ unixToTime .t | date "15:04:05" }} {{ (unixToTime "19675").Day }}', '22:13:20 14'],
  ['{{ unixToTime "1700000000123" | unixEpochMillis }}', '1700000000123'],
])('A65: of times, %s gives %s', async (template, expected) => {
  expect(await line(template)).toBe(expected);
});

test.each([
  ['{{ bytes "3MB" }} {{ bytes "123.456kB" }} {{ mulf 1234567 1 }}', '3e+06 123456 1.234567e+06'],
  ['{{ 0.00001 }} {{ 0.0001 }} {{ 1e20 }} {{ 100000000 }}', '1e-05 0.0001 1e+20 100000000'],
  ['{{ true }} {{ index (fromJson "[null]") 0 }} {{ __timestamp__ }}', 'true <no value> 2026-11-01 01:00:00 +0000 UTC'],
  ['{{ printf "%d|%5.1f|%q|%x|%v" 42 3.14159 "a" 255 1e6 }}', '42|  3.1|"a"|ff|1e+06'],
])('A66: %s prints as %s', async (template, expected) => {
  expect(await line(template)).toBe(expected);
});

test('A67: decolorize takes escape sequences away, once line filters have looked', async () => {
  const rows = surface(['\u001b[31mred\u001b[0m and \u001b[1;32mgreen\u001b[m', 'plain']);
  expect(await rows.lines('{app="x"} | decolorize')).toEqual(['red and green', 'plain']);
  expect(await rows.lines('{app="x"} | decolorize |= "red and"')).toEqual([]);
  expect(await rows.labels('{app="x"} | decolorize | pattern "<a> and <b>" |= "red"')).toEqual([
    { a: 'red', b: 'green' },
  ]);
  expect(await rows.samples('sum(bytes_over_time({app="x"} | decolorize [1h]))')).toEqual(['{} 18']);
});

describe('A68', () => {
  const rows = surface([
    { labels: { app: 'x', s: '1' }, metadata: { m: '2' }, line: 'p=3' },
    { labels: { app: 'x', s: '9' }, metadata: { m: '2' }, line: 'p=4' },
  ]);

  test('drop takes names away, whatever their source, or only certain values', async () => {
    expect(await rows.labels('{app="x"} | logfmt | drop s, m, p, nosuch')).toEqual([{}, {}]);
    expect(await rows.labels('{app="x"} | logfmt | drop s="1", p=~"4|5", m!="2"')).toEqual([
      { m: '2', p: '3' },
      { s: '9', m: '2' },
    ]);
  });

  test('keep takes all others away, or keeps only certain values, but never errors', async () => {
    expect(await rows.labels('{app="x"} | logfmt | keep s, p')).toEqual([
      { s: '1', p: '3' },
      { s: '9', p: '4' },
    ]);
    const entries = await rows.entries('{app="x"} | json | logfmt | keep s="9"');
    expect(entries.map(({ labels: { __error_details__, ...rest } }) => rest)).toEqual([
      { __error__: 'JSONParserErr' },
      { s: '9', __error__: 'JSONParserErr' },
    ]);
  });

  test('both decide which series there are', async () => {
    expect(await rows.samples('count_over_time({app="x"} | drop s, m [1h])')).toEqual(['{} 2']);
    expect(await rows.samples('count_over_time({app="x"} | keep m [1h])')).toEqual(['{m="2"} 2']);
    expect(await rows.samples('sum by (app) (count_over_time({app="x"} | keep m [1h]))')).toEqual(['{} 2']);
  });
});
