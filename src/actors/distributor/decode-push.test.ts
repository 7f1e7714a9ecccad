import fc from 'fast-check';
import { snappyCompress } from 'hysnappy';
import { describe, expect, it } from 'vitest';
import { bytesField, rowsOf, type SampleStream, snappyPush } from '../../../test/support/push.js';
import { openEntries } from '../../wire/entries.js';
import { DEFAULT_LIMITS, type TenantLimits } from '../../wire/limits.js';
import { type DecodedPush, decodePush, PushMemory } from './decode-push.js';

const NOW = 1_793_491_200_000_000_000n;
const memory = new PushMemory(1 << 24);

const limitsOf = (changed: Partial<TenantLimits>): TenantLimits => ({ ...DEFAULT_LIMITS, ...changed });

function decode(body: Uint8Array | string, contentType: string, changed: Partial<TenantLimits> = {}): DecodedPush {
  return decodePush(
    { tenant: 'acme', contentType, body: Buffer.from(body), legacy: false },
    limitsOf(changed),
    NOW,
    memory,
  );
}

const json = (body: unknown, changed: Partial<TenantLimits> = {}): DecodedPush =>
  decode(typeof body === 'string' ? body : JSON.stringify(body), 'application/json; charset=utf-8', changed);
const proto = (streams: readonly SampleStream[], changed: Partial<TenantLimits> = {}): DecodedPush =>
  decode(snappyPush(streams), 'application/x-protobuf', changed);

/** One stream `{app="x"}` with an entry for each line or [line, metadata]. */
type Line = string | [line: string, metadata: [string, string][]];
const push = (lines: readonly Line[], changed: Partial<TenantLimits> = {}, labels = '{app="x"}'): DecodedPush =>
  proto(
    [
      {
        labels,
        entries: lines.map((line) =>
          typeof line === 'string' ? { time: NOW, line } : { time: NOW, line: line[0], metadata: line[1] },
        ),
      },
    ],
    changed,
  );

const metadataOf = (decoded: DecodedPush) =>
  decoded.batch ? rowsOf(decoded.batch).map(({ metadata }) => metadata) : [];
const linesOf = (decoded: DecodedPush) => (decoded.batch ? rowsOf(decoded.batch).map(({ line }) => line) : []);
const noLevels = { discover_log_levels: false };

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
      legacy: true,
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
    const request = { tenant: 'acme', contentType: 'application/x-protobuf', body, legacy: false };
    expect(decodePush(request, DEFAULT_LIMITS, NOW, small).rejected?.code).toBe('too-large');
  });
});

describe('a partly invalid push', () => {
  it('keeps what is valid and reports the rest', () => {
    const stream = '{app="x", service_name="x"}';
    const decoded = proto([
      {
        labels: '{app="x"}',
        entries: [
          { time: NOW, line: 'good one' },
          { time: NOW - 8n * 86_400n * 10n ** 9n, line: 'old', metadata: [['trace', 'id']] },
          { time: NOW, line: 'good two' },
          { time: NOW + 3600n * 10n ** 9n, line: 'new' },
          { time: NOW - 8n * 86_400n * 10n ** 9n, line: 'old again' },
          { time: NOW, line: 'x'.repeat(262_145) },
        ],
      },
    ]);
    expect(linesOf(decoded)).toEqual(['good one', 'good two']);
    expect(metadataOf(decoded)).toEqual([{ detected_level: 'unknown' }, { detected_level: 'unknown' }]);
    expect(decoded.rejected).toMatchObject({
      code: 'bad-request',
      message: [
        `2 errors like: entry for stream '${stream}' has timestamp too old: 2026-10-24T00:00:00Z, oldest acceptable timestamp is: 2026-10-25T00:00:00Z`,
        `1 errors like: entry for stream '${stream}' has timestamp too new: 2026-11-01T01:00:00Z`,
        `1 errors like: max entry size '262144' bytes exceeded for stream '${stream}' while adding an entry with length '262145' bytes`,
      ].join('; '),
    });
    expect(decoded.discarded).toEqual([
      { reason: 'greater_than_max_sample_age', lines: 2, bytes: 3 + 7 + 9 },
      { reason: 'too_far_in_future', lines: 1, bytes: 3 },
      { reason: 'line_too_long', lines: 1, bytes: 262_145 },
    ]);
    expect(decoded).toMatchObject({
      lines: 6,
      acceptedLines: 2,
      acceptedBytes: 16,
      receivedBytes: 16 + 3 + 7 + 9 + 3 + 262_145,
    });
  });

  it('keeps other streams where one has bad labels, and says so once', () => {
    const decoded = proto(
      [
        {
          labels: '{a="1",b="2"}',
          entries: [
            { time: NOW, line: 'one' },
            { time: NOW, line: 'two', metadata: [['k', 'v']] },
          ],
        },
        { labels: '{a="1"}', entries: [{ time: NOW, line: 'kept' }] },
        { labels: '{a="1",b="3"}', entries: [] },
      ],
      { max_label_names_per_series: 1 },
    );
    expect(linesOf(decoded)).toEqual(['kept']);
    expect(decoded.batch?.keys).toEqual(['detected_level']);
    expect(decoded.rejected?.message).toBe(
      `entry for stream '{a="1", b="2", service_name="unknown_service"}' has 2 label names; limit 1`,
    );
    expect(decoded.discarded).toEqual([{ reason: 'max_label_names_per_series', lines: 2, bytes: 3 + 3 + 2 }]);
  });

  it('may have nothing left', () => {
    const decoded = push(['x'], { max_line_size: 0, reject_old_samples_max_age_ms: -1 });
    expect(decoded).toMatchObject({ batch: null, rejected: { code: 'bad-request' }, lines: 1, acceptedLines: 0 });
  });
});

describe('structured metadata', () => {
  it('has its names normalised, empty values left out and bad UTF-8 made spaces', () => {
    const entry = {
      time: NOW,
      line: 'x',
      metadata: [
        ['a.b-c', '1'],
        ['empty', ''],
        ['größe', 'groß'],
        ['bad', Uint8Array.of(0x61, 0xff)],
      ] as [string, string | Uint8Array][],
    };
    const decoded = proto([{ labels: '{app="x"}', entries: [entry] }], noLevels);
    expect(metadataOf(decoded)).toEqual([{ a_b_c: '1', gr_e: 'groß', bad: 'a ' }]);
    expect(decoded.receivedBytes).toBe(1 + 6 + 5 + 7 + 5 + 5);
  });

  it.each<[string, [string, string][], Record<string, string>]>([
    [
      'the last value of a name that occurs twice',
      [
        ['a', '1'],
        ['b', '2'],
        ['a', '3'],
      ],
      { a: '3', b: '2' },
    ],
    [
      'the changed name where it meets the plain one',
      [
        ['a.b', '1'],
        ['a_b', '2'],
      ],
      { a_b: '1' },
    ],
    [
      'the changed name also where it comes later',
      [
        ['a_b', '2'],
        ['a.b', '1'],
      ],
      { a_b: '1' },
    ],
    [
      'the last of changed names',
      [
        ['a.b', '1'],
        ['a-b', '2'],
        ['x', 'y'],
      ],
      { a_b: '2', x: 'y' },
    ],
  ])('keeps %s', (_, metadata, kept) => {
    expect(
      metadataOf(
        push(
          [
            ['x', metadata],
            ['y', metadata],
          ],
          noLevels,
        ),
      ),
    ).toEqual([kept, kept]);
  });

  it('whose name cannot be kept makes the whole push void', () => {
    expect(push([['x', [['', 'v']]]])).toMatchObject({
      batch: null,
      rejected: { code: 'internal', message: 'label name is empty' },
    });
    expect(push(['good', ['x', [['...', 'v']]]]).rejected).toMatchObject({
      code: 'internal',
      message: 'normalization for label name "..." resulted in invalid name "_"',
    });
  });

  it('of an entry that is refused anyway does not matter', () => {
    const limits = { max_structured_metadata_entries_count: 1 };
    expect(
      push(
        [
          'kept',
          [
            'x',
            [
              ['', 'v'],
              ['a', 'b'],
            ],
          ],
        ],
        limits,
      ),
    ).toMatchObject({
      acceptedLines: 1,
      rejected: {
        code: 'bad-request',
        message: expect.stringContaining("too many structured metadata labels: '2', limit: '1'"),
      },
    });
  });

  it('counts as it was sent', () => {
    const limits = { max_structured_metadata_size: 10, ...noLevels };
    expect(push([['x', [['abcde', 'fghij']]]], limits).rejected).toBeNull();
    expect(
      push(
        [
          [
            'x',
            [
              ['abcde', 'fghij'],
              ['x', ''],
            ],
          ],
        ],
        limits,
      ).rejected?.message,
    ).toContain("too large: '11' bytes, limit: '10' bytes");
    expect(push([['x', [['a', 'b']]]], { allow_structured_metadata: false }).rejected?.message).toContain('disallowed');
  });

  it('may be different in every entry', () => {
    const pairs = fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c', 'dd', 'ee_f'), fc.string({ minLength: 1 })), {
      selector: ([name]) => name,
    });
    fc.assert(
      fc.property(fc.array(pairs, { maxLength: 8 }), (entries) => {
        fc.pre(entries.flat().every(([, value]) => !value.includes('\ufffd')));
        const decoded = push(
          entries.map((metadata): Line => ['x', metadata]),
          noLevels,
        );
        expect(metadataOf(decoded)).toEqual(entries.map((metadata) => Object.fromEntries(metadata)));
      }),
      { numRuns: 200 },
    );
  });
});

describe('the level', () => {
  const level = (line: string, metadata: [string, string][], labels = '{app="x"}'): string | undefined =>
    metadataOf(push([[line, metadata]], {}, labels))[0]?.detected_level;

  it('sent as detected_level stays, in its canonical form', () => {
    expect(
      level(
        'error',
        [
          ['detected_level', 'WARNING'],
          ['level', 'debug'],
        ],
        '{level="info"}',
      ),
    ).toBe('warn');
    expect(level('error', [['detected.level', 'Notice']])).toBe('Notice');
    expect(
      level('error', [
        ['detected_level', 'dbg'],
        ['detected_level', 'INF'],
      ]),
    ).toBe('info');
  });

  it('sent as an empty detected_level is looked for', () => {
    expect(level('error', [['detected_level', '']])).toBe('error');
  });

  it('comes from the first level label of the stream', () => {
    expect(
      level(
        'error',
        [
          ['level', 'debug'],
          ['severity_number', '1'],
        ],
        '{severity="err",level="WRN"}',
      ),
    ).toBe('warn');
    expect(level('error', [], '{level="notice"}')).toBe('notice');
  });

  it('else from the first level name in the metadata', () => {
    expect(
      level('error', [
        ['lvl', 'debug'],
        ['severity', 'Information'],
        ['x', 'y'],
      ]),
    ).toBe('info');
    expect(
      level('error', [
        ['severity_number', '1'],
        ['level', 'emergency'],
      ]),
    ).toBe('emergency');
    expect(
      level('error', [
        ['level', 'debug'],
        ['level', 'warn'],
      ]),
    ).toBe('warn');
    expect(level('error', [['level', '']])).toBe('error');
  });

  it('else from the severity number', () => {
    expect(level('error', [['severity_number', '9']])).toBe('info');
    expect(level('error', [['severity.number', '17']])).toBe('error');
    expect(level('error', [['severity_number', 'x']])).toBe('info');
  });

  it('else from the line', () => {
    expect(level('{"level":"fatal"}', [['x', 'y']])).toBe('fatal');
    expect(level('nothing', [])).toBe('unknown');
  });

  it('is not added where that is switched off or metadata is not allowed', () => {
    expect(metadataOf(push(['error'], noLevels))).toEqual([{}]);
    expect(metadataOf(push(['error'], { allow_structured_metadata: false }))).toEqual([{}]);
    expect(metadataOf(push([['x', [['detected_level', 'WARNING']]]], noLevels))).toEqual([
      { detected_level: 'WARNING' },
    ]);
  });

  it('is not counted', () => {
    expect(push(['error'])).toMatchObject({ receivedBytes: 5, acceptedBytes: 5 });
    expect(push([['x', [['k', 'v']]]], { max_structured_metadata_entries_count: 1 }).rejected).toBeNull();
  });
});

describe('a long line', () => {
  const cut = { max_line_size: 10, max_line_size_truncate: true, max_line_size_truncate_identifier: '...' };

  it('is cut to the limit, mark included', () => {
    const decoded = push(['0123456789', '0123456789a', 'x error is far away'], cut);
    expect(linesOf(decoded)).toEqual(['0123456789', '0123456...', 'x error...']);
    expect(metadataOf(decoded)[2]).toEqual({ detected_level: 'unknown' });
    expect(decoded).toMatchObject({
      rejected: null,
      truncatedLines: 2,
      truncatedBytes: 1 + 9,
      receivedBytes: 40,
      acceptedBytes: 30,
    });
  });

  it('is cut by bytes', () => {
    const decoded = push(['ééééééé'], { ...cut, max_line_size_truncate_identifier: '', max_line_size: 5 });
    expect([...decoded.batch!.messages]).toEqual([0xc3, 0xa9, 0xc3, 0xa9, 0xc3]);
  });

  it('is the mark alone where the limit is shorter', () => {
    expect(linesOf(push(['0123456789'], { ...cut, max_line_size: 2 }))).toEqual(['..']);
  });
});

describe('entries of the same time', () => {
  const times = (entries: readonly (readonly [time: bigint, line: string])[]): bigint[] => {
    const stream = { labels: '{app="x"}', entries: entries.map(([time, line]) => ({ time: NOW + time, line })) };
    const decoded = proto([stream, { ...stream, labels: '{app="y"}' }], { increment_duplicate_timestamp: true });
    const found = rowsOf(decoded.batch!).map(({ time }) => time - NOW);
    expect(found.slice(entries.length)).toEqual(found.slice(0, entries.length));
    return found.slice(0, entries.length);
  };

  it('are a nanosecond apart where the tenant wants that', () => {
    expect(
      times([
        [0n, 'a'],
        [0n, 'b'],
        [0n, 'c'],
      ]),
    ).toEqual([0n, 1n, 2n]);
    expect(
      times([
        [0n, 'a'],
        [0n, 'b'],
        [1n, 'c'],
        [1n, 'd'],
        [5n, 'e'],
      ]),
    ).toEqual([0n, 1n, 2n, 1n, 5n]);
    expect(
      times([
        [999_999_999n, 'a'],
        [999_999_999n, 'b'],
      ]),
    ).toEqual([999_999_999n, 1_000_000_000n]);
  });

  it('stay as they are where the line is the same', () => {
    expect(
      times([
        [0n, 'a'],
        [0n, 'a'],
        [0n, 'b'],
      ]),
    ).toEqual([0n, 0n, 1n]);
    expect(
      times([
        [0n, 'a'],
        [0n, 'ab'],
        [0n, 'ab'],
      ]),
    ).toEqual([0n, 1n, 0n]);
  });

  it('stay as they are by default', () => {
    const entries = [
      { time: NOW, line: 'a' },
      { time: NOW, line: 'b' },
    ];
    expect(rowsOf(proto([{ labels: '{}', entries }]).batch!).map(({ time }) => time)).toEqual([NOW, NOW]);
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
    const messages = Array.from({ length: 4000 }, (_, i) => {
      const request = { tenant: `t${i % 2000}`, contentType: 'application/x-protobuf', body, legacy: false };
      return decodePush(request, limits, NOW, memory).rejected?.message;
    });
    expect(messages[3]).toContain("for user 't3'");
    expect(messages[2003]).toBe(messages[3]);
  });

  it('does not let one request change the next', () => {
    const shared = limitsOf({});
    const decodeOne = (with_: PushMemory, streams: readonly SampleStream[]) =>
      decodePush(
        { tenant: 'acme', contentType: 'application/x-protobuf', body: snappyPush(streams), legacy: false },
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
