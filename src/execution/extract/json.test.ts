import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extract, RecordingSink } from '../../../test/recording-sink.js';
import { JsonParser } from './json.js';

const parse = (line: string | Buffer, wanted: string[] | null = null): Record<string, string> =>
  extract(new JsonParser(), line, wanted);

const fault = (details: string, labels: Record<string, string> = {}): Record<string, string> => ({
  ...labels,
  __error__: 'JSONParserErr',
  __error_details__: details,
});

const NO_OBJECT = "Value looks like object, but can't find closing '}' symbol";
const NO_ARRAY = "Value is array, but can't find closing ']' symbol";
const NO_STRING = "Value is string, but can't find closing '\"' symbol";

describe('JsonParser', () => {
  it.each<[string, Record<string, string>]>([
    ['{}', {}],
    [' { } trailing', {}],
    ['{"a":"x","b":1.50,"c":1e3,"d":true,"e":false}', { a: 'x', b: '1.50', c: '1e3', d: 'true', e: 'false' }],
    ['{"a":null,"b":[1,{"c":"]"}],"d":""}', { d: '' }],
    ['{"a":{"b":{"c":1}},"d":{}, "e":2}', { a_b_c: '1', e: '2' }],
    ['{"a":{"b":[]},"c":"d"}', { c: 'd' }],
    ['{ "a" : "x" , "b" : 2 }', { a: 'x', b: '2' }],
    ['{"a":1,"a":2}', { a: '1' }],
    ['{"a_b":1,"a":{"b":2}}', { a_b: '1' }],
    ['{"http.host":"x","bad key!":1,"é":2," t ":3}', { http_host: 'x', bad_key_: '1', _: '2', t: '3' }],
    ['{"1a":1,"b":{"1":2},"":3," ":4}', { _1a: '1', b_1: '2' }],
    ['{" ":{"":"bar"}}', { '': 'bar' }],
    ['{"a":{"":{"b":1}}}', { a_b: '1' }],
    ['{"a":"q\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\ud83d\\ude80"}', { a: 'q"\\/\b\f\n\r\tA🚀' }],
    ['{"a":"bad \\x escape","b":"\\ud83d"}', { a: '', b: '' }],
    ['{"\\u0061b":1,"x\\"y":2}', { ab: '1', x_y: '2' }],
    ['{"a":"Ünïcödé 名前"}', { a: 'Ünïcödé 名前' }],
    ['{"a":1, }', { a: '1' }],
    ['{"a":-1}', { a: '-1' }],
    ['{"a":1x"y}', { a: '1x"y' }],
  ])('reads %s', (line, labels) => {
    expect(parse(line)).toEqual(labels);
  });

  it.each<[string, Record<string, string>]>([
    ['', fault(NO_OBJECT)],
    ['plain', fault(NO_OBJECT)],
    ['[1,2,3]', fault(NO_OBJECT)],
    ['"just a string"', fault(NO_OBJECT)],
    ['null', fault(NO_OBJECT)],
    ['{', fault('Malformed JSON error')],
    ['{"unterminated": ', fault('Malformed JSON error')],
    ['{"a', fault('Malformed JSON error')],
    ['{"a" 1}', fault('Malformed JSON error')],
    ['{a:1}', fault(NO_OBJECT)],
    ['{"a":1', fault(NO_ARRAY, { a: '1' })],
    ['{"a":1,', fault(NO_ARRAY, { a: '1' })],
    ['{"a":1,}', fault(NO_OBJECT, { a: '1' })],
    ['{"a":1 "b":2}', fault(NO_OBJECT, { a: '1' })],
    ['{"a":"b', fault(NO_STRING)],
    ['{"a":1,"b":[1,', fault(NO_ARRAY, { a: '1' })],
    ['{"a":nul}', fault('Unknown value type')],
    ['{"a":TRUE}', fault('Unknown value type')],
    ['{"a":1,"\\x":2}', fault('Encountered an invalid escape sequence in a string', { a: '1' })],
    ['{"a":1,"b":{"c":2,"d":"x', fault(NO_OBJECT, { a: '1' })],
    ['{"a":{"b":1 "c":2},"d":3}', fault(NO_OBJECT, { a_b: '1' })],
    [`${'{"a":'.repeat(600)}1${'}'.repeat(600)}`, fault('Value is nested too deeply')],
  ])('marks %s and keeps what it found', (line, labels) => {
    expect(parse(line)).toEqual(labels);
  });

  it('puts a space for each byte that is no UTF-8, and for U+FFFD', () => {
    const line = Buffer.concat([
      Buffer.from('{"a":"x'),
      Buffer.from([0xe2, 0x82, 0xff]),
      Buffer.from('\ufffd\\ufffdé"}'),
    ]);
    expect(parse(line)).toEqual({ a: 'x     é' });
    expect(parse(Buffer.from([...Buffer.from('{"k'), 0xe2, 0x82, ...Buffer.from('":1}')]))).toEqual({ k__: '1' });
  });

  it('stops once everything asked for is there, and sees no fault behind it', () => {
    expect(parse('{"a":1,"b":2,oops', ['a'])).toEqual({ a: '1' });
    expect(parse('{"x":1,"n":{"b":2},oops', ['n_b'])).toEqual({ n_b: '2' });
  });

  it('asks about a key once', () => {
    const parser = new JsonParser();
    const sink = new RecordingSink();
    for (const text of ['{"a":1,"b":{"a":2}}', '{"a":3,"b":{"a":4}}', '{"b":{"a":5},"a":6}']) {
      sink.next();
      parser.parse(Buffer.from(text), 0, text.length, sink);
    }
    expect(sink.asked).toEqual(['a', 'b_a']);
    expect(sink.labels).toEqual({ a: '6', b_a: '5' });
  });

  it('asks anew when the sink changes', () => {
    const parser = new JsonParser();
    expect(extract(parser, '{"a":1,"b":2}', ['b'])).toEqual({ b: '2' });
    expect(extract(parser, '{"a":1,"b":2}', ['a'])).toEqual({ a: '1' });
  });

  it('survives keys without number', () => {
    const parser = new JsonParser();
    for (let round = 0; round < 3; round++) {
      const keys = Array.from({ length: 10_000 }, (_, i) => `"k${round}_${i}":${i}`);
      expect(Object.keys(extract(parser, `{${keys.join()}}`))).toHaveLength(10_000);
    }
    expect(extract(parser, '{"a":{"b":1}}')).toEqual({ a_b: '1' });
  });
});

it('finds in JSON what JSON.parse finds', () => {
  const key = fc.string({ unit: fc.constantFrom('a', 'b', '1', ' ', '.', 'é', '"', '\\', '\n'), maxLength: 3 });
  const tree = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.string({ unit: 'grapheme', maxLength: 5 }),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(key, tie('value'), { maxKeys: 4 }),
    ),
  })).value;
  const parser = new JsonParser();
  fc.assert(
    fc.property(fc.dictionary(key, tree, { maxKeys: 5 }), fc.constantFrom(0, 2), (object, indent) => {
      expect(extract(parser, JSON.stringify(object, null, indent))).toEqual(flatten(object));
    }),
    { numRuns: 1000 },
  );
});

/** The naive twin. */
function flatten(object: object, prefix = '', depth = 0, labels: Record<string, string> = {}): Record<string, string> {
  for (const [key, value] of Object.entries(object)) {
    const part = key.trim().replace(/[^a-zA-Z0-9_]/gu, '_');
    const joined = prefix === '' || part === '' ? prefix + part : `${prefix}_${part}`;
    const name = prefix === '' && /^[0-9]/.test(joined) ? `_${joined}` : joined;
    if (value === null || Array.isArray(value)) continue;
    if (typeof value === 'object') flatten(value, name, depth + 1, labels);
    else if (name !== '' || depth > 0) labels[name] ??= String(value).replaceAll('\ufffd', ' ');
  }
  return labels;
}
