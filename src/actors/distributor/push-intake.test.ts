import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Line, linesOf, metadataOf, NOW, proto, push } from '../../../test/support/decode-push.js';
import { rowsOf } from '../../../test/support/push.js';

const noLevels = { discover_log_levels: false };

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
