import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byteRun } from '../../wire/byte-copy.js';
import { FaultError } from '../../wire/fault.js';
import { parseLabelText } from '../../wire/label-text.js';
import { formatLabels, labelsOf } from '../../wire/labels.js';
import { DEFAULT_LIMITS, type TenantLimits } from '../../wire/limits.js';
import { ringToken, StreamCache, type StreamLabels } from './stream-labels.js';

function stream(text: string, limits: Partial<TenantLimits> = {}, tenant = 'acme'): StreamLabels {
  const bytes = Buffer.from(text);
  return new StreamCache(tenant, { ...DEFAULT_LIMITS, ...limits }).stream(byteRun(bytes), 0, bytes.length);
}

const bare = { discover_service_name: [] };
const refusal = (text: string, limits: Partial<TenantLimits> = {}) => stream(text, { ...bare, ...limits }).refusal;

describe('stream labels', () => {
  it.each([
    ['{app="x"}', '{app="x"}'],
    ['{ b = "2" , a = "1" , }', '{a="1", b="2"}'],
    ['{a="",b="2"}', '{b="2"}'],
    ['{a=\'single "quotes"\'}', '{a="single \\"quotes\\""}'],
    ['{a=`raw \\n`}', '{a="raw \\\\n"}'],
    ['{a="\\"\\\\\\n\\t\\u00e9\\x41\\101"}', '{a="\\"\\\\\\n\\téAA"}'],
    ['{a="}",b="{,="}', '{a="}", b="{,="}'],
    ['up{a="1"}', '{__name__="up", a="1"}'],
    ['{a="1"\n,\tb="2"}', '{a="1", b="2"}'],
  ])('%s are stored as %s', (text, canonical) => {
    expect(stream(text, bare)).toMatchObject({ labels: canonical, refusal: null });
  });

  it.each([
    ['{', '1:2: parse error: unexpected end of input inside braces'],
    ['{a', '1:3: parse error: unexpected end of input inside braces'],
    ['{1a="b"}', "1:2: parse error: unexpected character inside braces: '1'"],
    ['{foo-bar="x"}', "1:5: parse error: unexpected character inside braces: '-'"],
    ['{a.b="x"}', "1:3: parse error: unexpected character inside braces: '.'"],
    ['{a:b="x"}', "1:3: parse error: unexpected character inside braces: ':'"],
    ['{größe="x"}', "1:4: parse error: unexpected character inside braces: 'ö'"],
    ['{a="b"\n,=}', '2:2: parse error: unexpected "=" in label set, expected identifier or "}"'],
    ['{a="b",,}', '1:8: parse error: unexpected "," in label set, expected identifier or "}"'],
    ['{"a"="b"}', '1:2: parse error: unexpected string "\\"a\\"" in label set, expected identifier or "}"'],
    ['{a "b"}', '1:4: parse error: unexpected string "\\"b\\"" in label set, expected "="'],
    ['{a=b}', '1:4: parse error: unexpected identifier "b" in label set, expected string'],
    ['{a="b" c="d"}', '1:8: parse error: unexpected identifier "c" in label set, expected "," or "}"'],
    ['{a="b"} c', '1:9: parse error: unexpected identifier "c"'],
    ['{a="b"}}', '1:8: parse error: unexpected "}"'],
    ['{a="b', '1:4: parse error: unterminated quoted string'],
    ['{a="b\n"}', '1:4: parse error: unterminated quoted string'],
    ['{a=`b', '1:4: parse error: unterminated raw string'],
    ['{a="\\q"}', "1:4: parse error: unknown escape sequence 'q'"],
    ['{{}}', "1:2: parse error: unexpected left brace '{'"],
    ['a-b', "1:2: parse error: unexpected character: '-'"],
  ])('%s cannot be parsed', (text, message) => {
    expect(() => stream(text)).toThrow(`couldn't parse labels: ${message}`);
  });

  it('that are absurdly long are too large', () => {
    expect(() => stream(`{a="${'x'.repeat(1 << 24)}"}`)).toThrow('request body too large: stream labels size');
  });

  it.each(['{__backfill__="true"}', '{__backfill_shard__="1"}'])('%s are reserved', (text) => {
    expect(() => stream(text)).toThrow('reserved');
  });

  it.each([
    ['{}', 'unknown_service'],
    ['', 'unknown_service'],
    ['{env="prod"}', 'unknown_service'],
    ['{app="a",service="s"}', 's'],
    ['{job="j",app="a"}', 'a'],
    ['{service="",app="a"}', 'a'],
    ['{service_name="n",app="a"}', 'n'],
    ['{service_name="",app="a"}', 'a'],
  ])('%s get a service name', (text, service) => {
    expect(parseLabelText(stream(text).labels)).toContainEqual(['service_name', service]);
  });

  it('get the service name in its place', () => {
    expect(stream('{app="x",zone="z"}').labels).toBe('{app="x", service_name="x", zone="z"}');
    expect(stream('{app="x"}').labels).toBe('{app="x", service_name="x"}');
  });

  it('are refused when there are none and none is discovered', () => {
    const missing = { reason: 'missing_labels', message: 'error at least one label pair is required per stream' };
    expect(refusal('{}')).toEqual(missing);
    expect(refusal('{a=""}')).toEqual(missing);
  });

  it('are refused when there are too many, not counting the service name', () => {
    const limits = { max_label_names_per_series: 2 };
    expect(refusal('{a="1",b="2"}', limits)).toBeNull();
    expect(stream('{a="1",b="2"}', limits).refusal).toBeNull();
    expect(refusal('{a="1",b="2",c="3"}', limits)).toEqual({
      reason: 'max_label_names_per_series',
      message: `entry for stream '{a="1", b="2", c="3"}' has 3 label names; limit 2`,
    });
  });

  it('are refused when a name or value has too many bytes', () => {
    expect(refusal('{abc="1"}', { max_label_name_length: 3 })).toBeNull();
    expect(refusal('{abcd="1"}', { max_label_name_length: 3 })).toEqual({
      reason: 'label_name_too_long',
      message: `stream '{abcd="1"}' has label name too long: 'abcd'`,
    });
    expect(refusal('{a="éé"}', { max_label_value_length: 4 })).toBeNull();
    expect(refusal('{a="éé!"}', { max_label_value_length: 4 })).toEqual({
      reason: 'label_value_too_long',
      message: `stream '{a="éé!"}' has label value too long: 'éé!'`,
    });
  });

  it('are refused when a name occurs twice', () => {
    expect(refusal('{a="1",b="2",a="3"}')).toEqual({
      reason: 'duplicate_label_names',
      message: `stream '{a="1", a="3", b="2"}' has duplicate label name: 'a'`,
    });
  });

  it('are refused when enforced ones are missing', () => {
    expect(refusal('{a="1",b="2"}', { enforced_labels: ['b', 'a'] })).toBeNull();
    expect(refusal('{a="1"}', { enforced_labels: ['b', 'a', 'c'] })).toEqual({
      reason: 'missing_enforced_labels',
      message: `missing required labels 'b,c' for user 'acme' for stream '{a="1"}' (policy: '')`,
    });
  });

  it.each([
    ['{app="x"}', null],
    ['{level="WARNING"}', 'warn'],
    ['{level="notice"}', 'notice'],
    ['{severity="err",LEVEL="dbg"}', 'debug'],
    ['{level="",lvl="trc"}', 'trace'],
  ])('%s say which level their entries have', (text, level) => {
    const run = stream(text).level;
    expect(run === null ? null : Buffer.from(run.bytes).toString()).toBe(level);
  });

  it('are worked out once for each spelling', () => {
    const cache = new StreamCache('acme', DEFAULT_LIMITS);
    const ask = (text: string) => cache.stream(byteRun(Buffer.from(text)), 0, text.length);
    expect(ask('{b="2", a="1"}')).toBe(ask('{b="2", a="1"}'));
    expect(ask('{a="1", b="2"}')).toEqual(ask('{b="2", a="1"}'));
  });

  it('are stored as text that reads back as the same labels', () => {
    const name = fc.stringMatching(/^[a-z_][a-z0-9_]{0,5}$/);
    const labels = fc.dictionary(name, fc.string({ unit: 'binary' }), { maxKeys: 10 });
    fc.assert(
      fc.property(labels, (pairs) => {
        const wanted = labelsOf(pairs);
        expect(parseLabelText(stream(formatLabels(wanted), bare).labels)).toEqual(wanted);
      }),
      { numRuns: 50 },
    );
  });

  it('are parsed or refused with a fault whatever the text', () => {
    const pieces = fc.array(
      fc.constantFrom('{', '}', 'a', 'b1', '=', '"', "'", '`', ',', ' ', '\\', '\n', 'é', '\\u00e9', '😀'),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          pieces.map((list) => list.join('')),
          fc.string({ unit: 'binary' }),
        ),
        (text) => {
          try {
            stream(text);
          } catch (error) {
            expect(error).toBeInstanceOf(FaultError);
          }
        },
      ),
      { numRuns: 3000 },
    );
  });
});

describe('ring tokens', () => {
  it('are spread evenly by labels and tenant', () => {
    const counts = new Array<number>(16).fill(0);
    for (let i = 0; i < 16_000; i++) counts[ringToken(`tenant-${i % 4}`, `{pod="pod-${i >> 2}"}`) >>> 28]! += 1;
    expect(Math.min(...counts)).toBeGreaterThan(800);
    expect(Math.max(...counts)).toBeLessThan(1200);
  });

  it('are the same for the same stream only', () => {
    expect(stream('{a="1"}').token).toBe(stream('{a="1",b=""}').token);
    expect(stream('{a="1"}').token).not.toBe(stream('{a="2"}').token);
    expect(stream('{a="1"}', {}, 'other').token).not.toBe(stream('{a="1"}').token);
  });
});
