import fc from 'fast-check';
import { snappyCompress } from 'hysnappy';
import { describe, expect, it } from 'vitest';
import { decode, json, limitsOf, memory, NOW, proto, push } from '../../../test/support/decode-push.js';
import { bytesField, rowsOf, type SampleStream, snappyPush } from '../../../test/support/push.js';
import { openEntries } from '../../wire/entries.js';
import { DEFAULT_LIMITS } from '../../wire/limits.js';
import { type DecodedPush, decodePush, PushMemory } from './decode-push.js';

describe('a push', () => {
  it('becomes a batch of what it holds, with service name and levels', () => {
    const decoded = proto([
      {
        labels: '{env="prod", app="x"}',
        entries: [
          { time: NOW - 1n, line: 'level=warn one', metadata: [['trace_id', '0242']] },
          { time: NOW, line: 'two' },
        ],
      },
      { labels: '{app="y", level="ERROR"}', entries: [{ time: NOW + 5n, line: 'an info' }] },
    ]);
    expect(rowsOf(decoded.batch!)).toEqual([
      {
        stream: '{app="x", env="prod", service_name="x"}',
        time: NOW - 1n,
        line: 'level=warn one',
        metadata: { trace_id: '0242', detected_level: 'warn' },
      },
      {
        stream: '{app="x", env="prod", service_name="x"}',
        time: NOW,
        line: 'two',
        metadata: { detected_level: 'unknown' },
      },
      {
        stream: '{app="y", level="ERROR", service_name="y"}',
        time: NOW + 5n,
        line: 'an info',
        metadata: { detected_level: 'error' },
      },
    ]);
    expect(decoded).toMatchObject({
      rejected: null,
      discarded: [],
      lines: 3,
      receivedBytes: 14 + 12 + 3 + 7,
      acceptedLines: 3,
      acceptedBytes: 14 + 12 + 3 + 7,
    });
    expect(decoded.tokens).toHaveLength(2);
    expect(openEntries(decoded.batch!.buffer)).toEqual(decoded.batch);
  });

  it('is the same batch in every encoding', () => {
    const entries = [{ time: NOW, line: 'a "line" with é', metadata: [['k', 'v"\n']] as [string, string][] }];
    const want = rowsOf(proto([{ labels: '{app="x"}', entries }]).batch!);
    const values = [[NOW.toString(), 'a "line" with é', { k: 'v"\n' }]];
    expect(rowsOf(json({ streams: [{ stream: { app: 'x' }, values }] }).batch!)).toEqual(want);
    const legacy = {
      streams: [
        {
          labels: '{app="x"}',
          entries: [{ ts: '2026-11-01T00:00:00Z', line: 'a "line" with é', structuredMetadata: { k: 'v"\n' } }],
        },
      ],
    };
    const request = {
      tenant: 'acme',
      contentType: 'application/json',
      body: Buffer.from(JSON.stringify(legacy)),
      format: 'legacy' as const,
    };
    expect(rowsOf(decodePush(request, DEFAULT_LIMITS, NOW, memory).batch!)).toEqual(want);
  });

  it.each<[string, () => DecodedPush]>([
    ['JSON', () => json('{"streams":[]}')],
    ['JSON without the member', () => json('{}')],
    ['JSON null', () => json('null')],
    ['protobuf', () => proto([])],
  ])('without streams is empty: %s', (_, decoded) => {
    expect(decoded()).toMatchObject({
      batch: null,
      rejected: { code: 'empty', message: 'error at least one valid stream is required for ingestion' },
    });
  });

  it('of streams without entries is nothing, and fine', () => {
    expect(proto([{ labels: '{app="x"}', entries: [] }])).toMatchObject({ batch: null, rejected: null, lines: 0 });
    expect(json('{"streams":[{"stream":{}}]}')).toMatchObject({ batch: null, rejected: null, lines: 0 });
    expect(
      proto([
        { labels: '{app="x"}', entries: [] },
        { labels: '{app="y"}', entries: [{ time: NOW, line: 'l' }] },
      ]).batch?.streams,
    ).toEqual(['{app="y", service_name="y"}']);
  });

  it.each<[string, () => DecodedPush, string]>([
    ['no content type', () => decode('', ''), 'mime: no media type'],
    ['a bad content type', () => decode('', 'a b'), 'mime: expected slash after first token'],
    ['JSON called protobuf', () => decode('{"streams":[]}', 'application/x-protobuf'), 'snappy: corrupt input'],
    ['an empty protobuf', () => decode('', 'application/x-protobuf'), 'snappy: corrupt input'],
    ['a cut protobuf', () => decode(snappyCompress(Buffer.of(10, 50)), 'application/x-protobuf'), 'unexpected EOF'],
    ['an empty JSON', () => json(''), 'push request: unexpected end of input, error found in #0 byte of the body'],
    [
      'a number for a line',
      () => json(`{"streams":[{"stream":{"a":"b"},"values":[["${NOW}",5]]}]}`),
      'push request: expected a string, error found in #65 byte of the body',
    ],
    [
      'labels that cannot be parsed, even where nothing has them',
      () =>
        proto([
          { labels: '{app="x"}', entries: [{ time: NOW, line: 'l' }] },
          { labels: '{a-b="x"}', entries: [] },
        ]),
      "couldn't parse labels: 1:3: parse error: unexpected character inside braces: '-'",
    ],
    [
      'JSON labels that cannot be parsed',
      () => json({ streams: [{ stream: { ok: '1', 'not ok': '2' }, values: [] }] }),
      `couldn't parse labels: 1:6: parse error: unexpected identifier "ok" in label set, expected "="`,
    ],
  ])('is refused whole with %s', (_, decoded, message) => {
    expect(decoded()).toMatchObject({ batch: null, discarded: [], rejected: { code: 'bad-request', message } });
  });

  it('is refused whole when it is too large', () => {
    const small = new PushMemory(100);
    const body = snappyPush([{ labels: '{app="x"}', entries: [{ time: NOW, line: 'x'.repeat(1000) }] }]);
    const request = { tenant: 'acme', contentType: 'application/x-protobuf', body, format: 'loki' as const };
    expect(decodePush(request, DEFAULT_LIMITS, NOW, small).rejected?.code).toBe('too-large');
  });
});

describe('a push of very many entries', () => {
  it('is too large however few bytes they take', () => {
    const entries = Buffer.alloc(2 * 16_000_001, Uint8Array.of((2 << 3) | 2, 0));
    const decoded = decode(snappyCompress(bytesField(1, entries)), 'application/x-protobuf');
    expect(decoded.rejected).toMatchObject({ code: 'too-large', message: expect.stringContaining('16000000') });
  });
});

describe('what is remembered', () => {
  it('is forgotten when the limits change', () => {
    expect(push(['x']).batch?.streams).toEqual(['{app="x", service_name="x"}']);
    expect(push(['x'], { discover_service_name: [] }).batch?.streams).toEqual(['{app="x"}']);
  });

  it('is each tenant its own', () => {
    const limits = limitsOf({ enforced_labels: ['team'] });
    const body = snappyPush([{ labels: '{app="x"}', entries: [{ time: NOW, line: 'x' }] }]);
    const messages = Array.from({ length: 2400 }, (_, i) => {
      const request = { tenant: `t${i % 1200}`, contentType: 'application/x-protobuf', body, format: 'loki' as const };
      return decodePush(request, limits, NOW, memory).rejected?.message;
    });
    expect(messages[3]).toContain("for user 't3'");
    expect(messages[1203]).toBe(messages[3]);
  });

  it('does not let one request change the next', () => {
    const shared = limitsOf({});
    const decodeOne = (with_: PushMemory, streams: readonly SampleStream[]) =>
      decodePush(
        { tenant: 'acme', contentType: 'application/x-protobuf', body: snappyPush(streams), format: 'loki' as const },
        shared,
        NOW,
        with_,
      );
    const name = fc.constantFrom('a', 'b.c', 'b_c', 'level', 'detected_level', 'severity_number', '');
    const entry = fc.record({
      time: fc.constantFrom(NOW, 0n),
      line: fc.constantFrom('x', 'level=warn', 'error'),
      metadata: fc.array(fc.tuple(name, fc.constantFrom('', 'é', 'debug', '9')), { maxLength: 4 }),
    });
    const stream = fc.record({
      labels: fc.constantFrom('{a="1"}', '{level="info"}', '{', '{a="1",a="2"}'),
      entries: fc.array(entry, { maxLength: 3 }),
    });
    const used = new PushMemory(1 << 20);
    fc.assert(
      fc.property(fc.array(stream, { maxLength: 3 }), (streams) => {
        const { batch, ...rest } = decodeOne(used, streams);
        const { batch: freshBatch, ...fresh } = decodeOne(new PushMemory(1 << 20), streams);
        expect(rest).toEqual(fresh);
        expect(batch && rowsOf(batch)).toEqual(freshBatch && rowsOf(freshBatch));
      }),
      { numRuns: 300 },
    );
  });
});

describe('any body', () => {
  it('is decoded or refused without throwing', () => {
    const valid = snappyPush([
      { labels: '{app="x"}', entries: [{ time: NOW, line: 'level=info', metadata: [['a.b', 'c']] }] },
    ]);
    const changed = fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 5 }).map((changes) => {
      const bytes = Uint8Array.from(valid);
      for (const [at, byte] of changes) bytes[at] = byte;
      return bytes;
    });
    const nested = fc.uint8Array({ maxLength: 60 }).map((bytes) => snappyCompress(bytesField(1, bytesField(2, bytes))));
    fc.assert(
      fc.property(
        fc.oneof(changed, nested, fc.uint8Array()),
        fc.constantFrom('application/json', 'x/y'),
        (body, type) => {
          const decoded = decode(body, type);
          expect(['bad-request', 'too-large', 'empty', 'internal', undefined]).toContain(decoded.rejected?.code);
          if (decoded.rejected?.code === 'internal') expect(decoded.rejected.message).toMatch(/label name/);
          if (decoded.batch) openEntries(decoded.batch.buffer);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
