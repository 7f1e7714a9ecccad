import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecordingSink } from '../../../test/support/recording-sink.js';
import { FaultError } from '../../wire/fault.js';
import { JsonPushReader } from './json.js';

const reader = new JsonPushReader();

/** The sink of the list of streams that counts, or null where there is none. */
function readBytes(body: Uint8Array): RecordingSink | null {
  let sink: RecordingSink | null = null;
  reader.read(body, () => {
    sink = new RecordingSink();
    return sink;
  });
  return sink;
}

const read = (text: string): RecordingSink['streams'] | undefined => readBytes(Buffer.from(text))?.streams;

function refusal(body: string | Uint8Array): string {
  try {
    readBytes(Buffer.from(body));
  } catch (error) {
    if (error instanceof FaultError) return `${error.fault.code}: ${error.message}`;
    throw error;
  }
  return 'accepted';
}

const withValues = (values: string): string => `{"streams":[{"stream":{"a":"b"},"values":${values}}]}`;
const firstEntry = (values: string) => read(withValues(values))?.[0]?.entries[0];
const lineOf = (literal: string): string | undefined => firstEntry(`[["1",${literal}]]`)?.line;

describe('a JSON push', () => {
  it('is reported stream by stream and entry by entry', () => {
    const text = `
      { "streams" : [
          { "stream": { "app": "x", "env": "prod" },
            "values": [ [ "1793491206250000968", "one" ], [ "2", "two", { "trace_id": "0242", "user": "7" } ] ] },
          { "stream": {}, "values": [] }
        ]
      } `;
    expect(read(text)).toEqual([
      {
        labels: '{app="x", env="prod"}',
        entries: [
          { seconds: 1793491206, nanos: 250000968, line: 'one', metadata: [] },
          {
            seconds: 0,
            nanos: 2,
            line: 'two',
            metadata: [
              ['trace_id', '0242'],
              ['user', '7'],
            ],
          },
        ],
      },
      { labels: '{}', entries: [] },
    ]);
  });

  it.each(['{}', 'null', '{"other":[1,{"a":null}]}'])('without streams has none: %s', (text) => {
    expect(read(text)).toBeUndefined();
  });

  it.each(['{"streams":[]}', '{"streams":null}'])('may have an empty list of streams: %s', (text) => {
    expect(read(text)).toEqual([]);
  });

  it('sorts labels and keeps the last of equal names', () => {
    expect(read('{"streams":[{"stream":{"b":"1","a":"2","b":"3"}}]}')?.[0]?.labels).toBe('{a="2", b="3"}');
  });

  it('takes labels that are not strings as their text', () => {
    const labels = '{"a":1,"b":true,"c":null,"d":[1, "x"],"e":-1.5e3}';
    expect(read(`{"streams":[{"stream":${labels}}]}`)?.[0]?.labels).toBe(
      '{a="1", b="true", c="null", d="[1, \\"x\\"]", e="-1.5e3"}',
    );
  });

  it('quotes what a label value holds', () => {
    expect(read('{"streams":[{"stream":{"a":"\\"\\\\\\n\\u0001é"}}]}')?.[0]?.labels).toBe('{a="\\"\\\\\\n\\x01é"}');
  });

  it('has a stream without labels where it names none', () => {
    expect(read('{"streams":[{"values":[["1","x"]]}]}')?.[0]).toMatchObject({ labels: '', entries: [{ line: 'x' }] });
  });

  it('may have the values before the labels', () => {
    expect(read('{"streams":[{"values":[["1","\\u0041"]],"stream":{"a":"\\u0042"}}]}')).toEqual([
      { labels: '{a="B"}', entries: [{ seconds: 0, nanos: 1, line: 'A', metadata: [] }] },
    ]);
  });

  it.each([
    '{"stream":{"a":"1"},"values":[["1","old"]],"stream":{"a":"2"},"values":[["1","n\\u0065w"]]}',
    '{"values":[["1","old"]],"values":[["1","new"]],"stream":{"a":"1"},"stream":{"a":"2"}}',
  ])('takes the last of members that occur twice: %s', (stream) => {
    const other = '{"stream":{"z":"1"},"values":[["3","other"]]}';
    const streams = read(`{"streams":[${other},${stream}]}`);
    expect(streams?.map(({ labels, entries }) => [labels, entries.map(({ line }) => line)])).toEqual([
      ['{z="1"}', ['other']],
      ['{a="2"}', ['new']],
    ]);
  });

  it('takes the last list of streams', () => {
    expect(read('{"streams":[{"stream":{"a":"1"}}],"x":1,"streams":[{"stream":{"a":"2"}}]}')).toEqual([
      { labels: '{a="2"}', entries: [] },
    ]);
  });

  it('may have members that nobody knows, and anything after its end', () => {
    const text =
      '{"v":{"streams":[]},"streams":[{"hash":1,"stream":{"a":"b"},"x":[{}],"values":[["1","l"]]}]} {"more":';
    expect(read(text)?.[0]?.entries).toHaveLength(1);
  });

  it('may have entries that are null, short or long', () => {
    expect(read(withValues('[null,[],["5"],["6","line",{},1,[2],{"x":"y"}]]'))?.[0]?.entries).toEqual([
      { seconds: -62135596800, nanos: 0, line: '', metadata: [] },
      { seconds: 0, nanos: 5, line: '', metadata: [] },
      { seconds: 0, nanos: 6, line: 'line', metadata: [] },
    ]);
    expect(read(withValues('null'))?.[0]?.entries).toEqual([]);
  });

  it.each<[string, string]>([
    ['"\\" \\\\ \\/ \\b \\f \\n \\r \\t"', '" \\ / \b \f \n \r \t'],
    ['"\\u0041\\u00e9\\u20AC"', 'Aé€'],
    ['"\\ud83d\\ude00!"', '😀!'],
    ['"\\ud83d"', '\ufffd'],
    ['"\\ude00\\ud83d\\ude00"', '\ufffd😀'],
    ['"\\ud83d\\u0041"', '\ufffdA'],
    ['"\\ud83d\\n"', '\ufffd\n'],
    ['"é 😀"', 'é 😀'],
    ['"\\u0000"', '\0'],
    ['""', ''],
  ])('undoes the escapes in %s', (literal, line) => {
    expect(lineOf(literal)).toBe(line);
  });

  it('undoes the escapes of names and of member keys', () => {
    const text =
      '{"stre\\u0061ms":[{"\\u0073tream":{"\\u0061":"b"},"v\\u0061lues":[["1","x",{"k\\u0065y":"\\u0076"}]]}]}';
    expect(read(text)).toEqual([
      { labels: '{a="b"}', entries: [{ seconds: 0, nanos: 1, line: 'x', metadata: [['key', 'v']] }] },
    ]);
  });

  it('lets bytes pass that are not UTF-8', () => {
    const body = Buffer.concat([
      Buffer.from(withValues('[["1","a').slice(0, -3)),
      Buffer.of(0xff),
      Buffer.from('b"]]}]}'),
    ]);
    let line = new Uint8Array(0);
    reader.read(body, () => {
      const sink = new RecordingSink();
      sink.entry = (_seconds, _nanos, start, end) => {
        line = body.subarray(start, end);
      };
      return sink;
    });
    expect([...line]).toEqual([97, 0xff, 98]);
  });

  it.each<[string, number, number]>([
    ['0', 0, 0],
    ['1', 0, 1],
    ['-1', -1, 999999999],
    ['-1000000000', -1, 0],
    ['000000000000000000000000000012', 0, 12],
    ['9223372036854775807', 9223372036, 854775807],
    ['-9223372036854775808', -9223372037, 145224192],
  ])('reads the time %s', (text, seconds, nanos) => {
    expect(firstEntry(`[["${text}","x"]]`)).toMatchObject({ seconds, nanos });
  });

  it.each([
    '["9223372036854775808","x"]',
    '["-9223372036854775809","x"]',
    '["99999999999999999999999999","x"]',
    '["1.5","x"]',
    '["","x"]',
    '["-","x"]',
    '["+1","x"]',
    '[" 1","x"]',
    '["1e3","x"]',
    '["2026-11-01T00:00:00Z","x"]',
    '[1,"x"]',
    '[null,"x"]',
    '["1",5]',
    '["1",null]',
    '["1",{"msg":"x"}]',
    '["1","x",null]',
    '["1","x","y"]',
    '["1","x",[]]',
    '["1","x",{"a":1}]',
    '["1","x",{"a":null}]',
    '["1","x",{"a":{"b":"c"}}]',
    '"x"',
    '{"ts":"1","line":"x"}',
    '5',
  ])('is refused with the entry %s', (entry) => {
    expect(refusal(withValues(`[${entry}]`))).toMatch(/^bad-request: push request: /);
  });

  it.each([
    '',
    '   ',
    '[]',
    '"streams"',
    '5',
    '{',
    '{"streams"',
    '{"streams":',
    '{"streams":[',
    '{"streams":5}',
    '{"streams":{}}',
    '{"streams":[null]}',
    '{"streams":[5]}',
    '{"streams":[{}',
    '{"streams":[{"stream":5}]}',
    '{"streams":[{"stream":null}]}',
    '{"streams":[{"stream":[]}]}',
    '{"streams":[{"stream":{"a":tru}}]}',
    '{"streams":[{"stream":{"a":"b"},"values":5}]}',
    '{"streams":[{"stream":{"a":"b"},"values":{}}]}',
    '{"streams":[{"stream":{"a":"b"},"values":[["1","x"]}]}',
    '{"streams":[{"stream":{"a":"b"},"values":[["1","x"],]}]}',
    '{"streams":[{"stream":{"a":"b",},"values":[]}]}',
    "{'streams':[]}",
    '{"streams":[],}',
    '{"streams":[]',
    '{"x":01,"streams":[]}',
    '{"x":[1 2],"streams":[]}',
    '{"x":{"a" 1},"streams":[]}',
    '{"x":"\n","streams":[]}',
    withValues('[["1","\\q"]]'),
    withValues('[["1","\\u12"]]'),
    withValues('[["1","\\u12g4"]]'),
    withValues('[["1","\\x41"]]'),
    withValues('[["1","tab\there"]]'),
    withValues('[["1","open]]'),
    withValues('[["1","open\\"]]'),
    withValues('[["1","\\'),
    withValues('[["1","\\ud83d\\'),
    withValues('[["1","\\ud83d\\u'),
  ])('is refused when it is %j', (text) => {
    expect(refusal(text)).toMatch(/^bad-request: push request: .* error found in #\d+ byte of the body$/);
  });

  it('is refused when nested too deeply, wherever that is', () => {
    const deep = '['.repeat(100_000);
    expect(refusal(`{"x":${deep}`)).toContain('exceeded max depth');
    expect(refusal(`{"streams":[{"stream":{"a":${deep}`)).toMatch(/^bad-request/);
    expect(refusal(withValues(deep))).toMatch(/^bad-request/);
  });

  it('agrees with JSON.parse about any push it would have written', () => {
    const string = fc.string({ unit: 'binary' });
    const entry = fc.tuple(
      fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
      string,
      fc.dictionary(fc.string(), string, { maxKeys: 4 }),
    );
    const stream = fc.record({
      stream: fc.dictionary(fc.stringMatching(/^[a-z_]+$/), string),
      values: fc.array(entry),
    });
    fc.assert(
      fc.property(fc.array(stream, { maxLength: 4 }), fc.nat(2), (streams, indent) => {
        const request = {
          streams: streams.map(({ stream: labels, values }) => ({
            stream: labels,
            values: values.map(([time, line, metadata]) => [time.toString(), line, metadata]),
          })),
        };
        const text = JSON.stringify(request, null, indent);
        const read = readBytes(Buffer.from(text))?.streams;
        const expected = (JSON.parse(text) as typeof request).streams.map(({ values }) =>
          values.map(([, line, metadata]) => [line, Object.entries(metadata!)]),
        );
        expect(read?.map(({ entries }) => entries.map(({ line, metadata }) => [line, metadata]))).toEqual(expected);
      }),
      { numRuns: 100 },
    );
  });

  it('is read or refused with a fault when bytes are changed, dropped or made up', () => {
    const valid = Buffer.from(withValues('[["1793491206250000968","a\\"b\\u00e9",{"k":"\\ud83d\\ude00"}],["2","x"]]'));
    const change = fc.tuple(fc.nat(valid.length - 1), fc.constantFrom(...Buffer.from('"\\{}[]:,u0n \n\xff')));
    const changed = fc.tuple(fc.array(change, { maxLength: 4 }), fc.nat(valid.length)).map(([changes, end]) => {
      const bytes = Uint8Array.from(valid);
      for (const [at, byte] of changes) bytes[at] = byte;
      return bytes.slice(0, end);
    });
    const pieces = fc.array(
      fc.constantFrom('{', '}', '[', ']', '"', ',', ':', '\\', '"streams"', '"values"', '"stream"', 'null', '1'),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          changed,
          pieces.map((list) => Buffer.from(list.join(''))),
          fc.uint8Array(),
        ),
        (bytes) => {
          refusal(bytes);
        },
      ),
      { numRuns: 5000 },
    );
  });
});
