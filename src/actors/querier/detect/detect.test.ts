import { describe, expect, it } from 'vitest';
import { labelsOf } from '../../../wire/labels.js';
import type { StreamEntry, StreamResult } from '../../../wire/query.js';
import { detectFields, detectValues } from './detect.js';

function entry(line: string, more: { metadata?: Record<string, string>; parsed?: Record<string, string> } = {}) {
  const structuredMetadata = labelsOf(more.metadata ?? {});
  return { time: 0n, line, structuredMetadata, parsed: labelsOf(more.parsed ?? {}) } satisfies StreamEntry;
}

function stream(labels: Record<string, string>, ...entries: readonly StreamEntry[]): StreamResult {
  return { labels: labelsOf(labels), entries };
}

const fieldsOf = (...streams: readonly StreamResult[]) => detectFields(streams, 1000);

describe('detected fields', () => {
  it('come by name with type, number of values and parser', () => {
    const lines = ['level=info took=5ms', 'level=warn took=7ms', 'level=info took=9ms', 'no fields'];
    expect(fieldsOf(stream({ app: 'x' }, ...lines.map((line) => entry(line))))).toEqual([
      { label: 'level', type: 'string', cardinality: 2, parsers: ['logfmt'], jsonPath: [] },
      { label: 'took', type: 'duration', cardinality: 3, parsers: ['logfmt'], jsonPath: [] },
    ]);
  });

  it('of JSON have a path', () => {
    expect(fieldsOf(stream({}, entry('{"user":{"id":7}}')))).toEqual([
      { label: 'user_id', type: 'int', cardinality: 1, parsers: ['json'], jsonPath: ['user', 'id'] },
    ]);
  });

  it('of structured metadata have no parser, unless lines have a field of that name too', () => {
    const metadata = { pod: 'p', trace: 'aa' };
    expect(fieldsOf(stream({}, entry('{"trace":"bb"}', { metadata })))).toEqual([
      { label: 'pod', type: 'string', cardinality: 1, parsers: [], jsonPath: [] },
      { label: 'trace', type: 'string', cardinality: 2, parsers: ['json'], jsonPath: ['trace'] },
    ]);
  });

  it('named like a label of the stream are called as stages call them', () => {
    expect(fieldsOf(stream({ level: 'x' }, entry('{"level":"info"}')))).toMatchObject([
      { label: 'level_extracted', jsonPath: ['level'] },
    ]);
  });

  it('include what stages of the query made, without their errors', () => {
    const parsed = { made: '1', __error__: 'JSONParserErr', __error_details__: 'why', __preserve_error__: 'true' };
    expect(fieldsOf(stream({}, entry('a=1', { parsed })))).toMatchObject([
      { label: 'a', parsers: ['logfmt'] },
      { label: 'made', type: 'int', parsers: ['logfmt'] },
    ]);
  });

  it('found in lines of both kinds have both parsers', () => {
    expect(fieldsOf(stream({}, entry('a=1'), entry('{"a":2}')))).toMatchObject([
      { label: 'a', cardinality: 2, parsers: ['json', 'logfmt'], jsonPath: ['a'] },
    ]);
  });

  it('have the type of the last value, streams in descending order', () => {
    const [a, b] = [stream({ app: 'a' }, entry('size=5KB')), stream({ app: 'b' }, entry('size=77'))];
    expect(fieldsOf(a, b)).toMatchObject([{ label: 'size', type: 'bytes', cardinality: 2 }]);
    expect(fieldsOf(b, a)).toEqual(fieldsOf(a, b));
    expect(fieldsOf(stream({}, entry('size=5KB'), entry('size=77')))).toMatchObject([{ type: 'int' }]);
  });

  it('are no more than the limit, those that come first', () => {
    const streams = [stream({}, entry('z=1 y=2'), entry('a=3 z=4'))];
    expect(detectFields(streams, 2).map(({ label, cardinality }) => [label, cardinality])).toEqual([
      ['y', 1],
      ['z', 2],
    ]);
  });
});

describe('values of a detected field', () => {
  const streams = [
    stream({}, entry('level=warn', { metadata: { level: 'meta' } }), entry('{"level":"info"}'), entry('level=warn')),
  ];

  it('are distinct and sorted', () => {
    expect(detectValues(streams, 'level', 100)).toEqual(['info', 'meta', 'warn']);
    expect(detectValues(streams, 'nothing', 100)).toEqual([]);
  });

  it('are no more than the limit', () => {
    expect(detectValues(streams, 'level', 1)).toHaveLength(1);
    expect(detectValues(streams, 'level', 2)).toEqual(['meta', 'warn']);
  });

  it.each([
    ['2.5MB', '2.5MB'],
    ['10 KiB', '10kB'],
    ['1,024 B', '1.0kB'],
    ['77', '77'],
    ['1,024', '1,024'],
    ['2m', '2m'],
    ['5b', '5B'],
  ])('%j is written %j, which a query can compare with', (value, written) => {
    expect(detectValues([stream({}, entry(`size="${value}"`))], 'size', 10)).toEqual([written]);
  });

  it('of structured metadata are left alone', () => {
    expect(detectValues([stream({}, entry('', { metadata: { size: '10 KiB' } }))], 'size', 10)).toEqual(['10 KiB']);
  });
});
