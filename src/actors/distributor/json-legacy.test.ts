import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecordingSink } from '../../../test/support/recording-sink.js';
import { FaultError } from '../../wire/fault.js';
import { readLegacyPush } from './json-legacy.js';

function read(text: string): RecordingSink['streams'] {
  let sink = new RecordingSink();
  readLegacyPush(Buffer.from(text), () => {
    sink = new RecordingSink();
    return sink;
  });
  return sink.streams;
}

const withEntry = (entry: string): string => `{"streams":[{"labels":"{a=\\"b\\"}","entries":[${entry}]}]}`;

describe('a legacy JSON push', () => {
  it('is reported stream by stream and entry by entry', () => {
    const entry = '{"ts":"2026-11-01T00:00:06.250000968Z","line":"on\\u0065","structuredMetadata":{"k":"v"}}';
    expect(read(withEntry(entry))).toEqual([
      {
        labels: '{a="b"}',
        entries: [{ seconds: 1793491206, nanos: 250000968, line: 'one', metadata: [['k', 'v']] }],
      },
    ]);
  });

  it('may have its members in any order, missing or null', () => {
    const entries = '[{"line":"x","structuredMetadata":null,"ts":"1970-01-01T00:00:01Z"},{},{"ts":null,"line":null}]';
    expect(read(`{"streams":[{"entries":${entries},"labels":"{}"},{"labels":null,"entries":null},{}]}`)).toEqual([
      {
        labels: '{}',
        entries: [
          { seconds: 1, nanos: 0, line: 'x', metadata: [] },
          { seconds: -62135596800, nanos: 0, line: '', metadata: [] },
          { seconds: -62135596800, nanos: 0, line: '', metadata: [] },
        ],
      },
      { labels: '', entries: [] },
      { labels: '', entries: [] },
    ]);
  });

  it('may have metadata as a list of pairs', () => {
    const entry = '{"line":"x","structuredMetadata":[{"name":"a","value":"1"},{"value":"2","name":"b"},{"name":"c"}]}';
    expect(read(withEntry(entry))[0]?.entries[0]?.metadata).toEqual([
      ['a', '1'],
      ['b', '2'],
      ['c', ''],
    ]);
  });

  it.each<[string, number, number]>([
    ['1970-01-01T00:00:00Z', 0, 0],
    ['2024-02-29T23:59:59.5+02:00', 1709243999, 500000000],
    ['1969-12-31T23:59:59.999999999Z', -1, 999999999],
    ['2026-11-01T00:00:00.1234567891-05:30', 1793511000, 123456789],
    ['0001-01-01T00:00:00Z', -62135596800, 0],
  ])('reads the time %s', (text, seconds, nanos) => {
    expect(read(withEntry(`{"ts":"${text}"}`))[0]?.entries[0]).toMatchObject({ seconds, nanos });
  });

  it.each([
    '{"ts":"1793491206250000968"}',
    '{"ts":"2026-13-01T00:00:00Z"}',
    '{"ts":"2026-02-29T00:00:00Z"}',
    '{"ts":"2026-01-01T24:00:00Z"}',
    '{"ts":"2026-01-01 00:00:00Z"}',
    '{"ts":"2026-01-01T00:00:00"}',
    '{"ts":5}',
    '{"line":5}',
    '{"structuredMetadata":"x"}',
    '{"structuredMetadata":{"a":1}}',
    '{"structuredMetadata":[{"name":1}]}',
    '5',
    '[]',
  ])('is refused with the entry %s', (entry) => {
    expect(() => read(withEntry(entry))).toThrow(FaultError);
  });

  it.each(['{"streams":[{"labels":5}]}', '{"streams":[{"labels":"{}","entries":{}}]}', '{"streams":[5]}', '5'])(
    'is refused when it is %s',
    (text) => {
      expect(() => read(text)).toThrow(FaultError);
    },
  );

  it('is read or refused with a fault whatever its members are', () => {
    const value = fc.json({ maxDepth: 2 });
    fc.assert(
      fc.property(value, value, value, value, (labels, time, line, metadata) => {
        const entry = `{"ts":${time},"line":${line},"structuredMetadata":${metadata}}`;
        try {
          read(`{"streams":[{"labels":${labels},"entries":[${entry}]}]}`);
        } catch (error) {
          expect(error).toBeInstanceOf(FaultError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
