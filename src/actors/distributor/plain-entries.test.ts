import fc from 'fast-check';
import { snappyCompress } from 'hysnappy';
import { describe, expect, it } from 'vitest';
import { limitsOf, NOW } from '../../../test/support/decode-push.js';
import { protobufPush, rowsOf, type SampleStream } from '../../../test/support/push.js';
import type { TenantLimits } from '../../wire/limits.js';
import { type DecodedPush, decodePush, PushMemory } from './decode-push.js';

const MAX_BYTES = 1 << 26;

/** The same pushes, one after the other, with and without the entries that are read in WebAssembly. */
class Both {
  readonly #fast = new PushMemory(MAX_BYTES);
  readonly #slow = new PushMemory(MAX_BYTES, false);

  decode(proto: Uint8Array, limits: TenantLimits, tenant = 'acme'): DecodedPush {
    const request = {
      tenant,
      contentType: 'application/x-protobuf',
      body: snappyCompress(proto),
      format: 'loki' as const,
    };
    const fast = decodePush(request, limits, NOW, this.#fast);
    expect(plainly(fast)).toEqual(plainly(decodePush(request, limits, NOW, this.#slow)));
    return fast;
  }
}

function plainly({ batch, ...rest }: DecodedPush): object {
  return { ...rest, batch: batch && Buffer.from(new Uint8Array(batch.buffer)).toString('latin1') };
}

const NAMES = [
  'a',
  'trace_id',
  'level',
  'LEVEL',
  'severity_text',
  'severity_number',
  'detected_level',
  'k8s.pod',
  'k8s_pod',
];
const name = fc.oneof(
  fc.constantFrom(...NAMES, 'resource_service_namespace', '', '___', '9'),
  fc.string({ maxLength: 20 }),
);
const value = fc.oneof(
  fc.constantFrom('info', 'WARN', 'warning', 'unknown', '9', '', 'é', '\u{fffd}', 'x'.repeat(130)),
  fc.string({ maxLength: 40 }),
);
const line = fc.oneof(
  fc.constantFrom('', 'level=error msg="x"', '{"level":"debug"}', 'y'.repeat(300), 'z'.repeat(20_000)),
  fc.string({ unit: 'binary', maxLength: 60 }),
);
const time = fc.oneof(
  fc.bigInt(NOW - 10_000_000_000n, NOW),
  fc.constantFrom(0n, -1n, NOW - 1n, NOW + 10n ** 12n, 10n ** 18n),
);
const stream = fc.record({
  labels: fc.constantFrom('{app="x"}', '{app="y", level="WARN"}', '{app="z"}', '{}', '{app="x", bad'),
  entries: fc.array(fc.record({ time, line, metadata: fc.array(fc.tuple(name, value), { maxLength: 6 }) }), {
    maxLength: 5,
  }),
});
const limits = fc
  .record(
    {
      reject_old_samples: fc.boolean(),
      discover_log_levels: fc.boolean(),
      allow_structured_metadata: fc.boolean(),
      max_line_size: fc.constantFrom(0, 100, 10_000),
      max_line_size_truncate: fc.boolean(),
      max_structured_metadata_size: fc.constantFrom(0, 30),
      max_structured_metadata_entries_count: fc.constantFrom(0, 2),
      increment_duplicate_timestamp: fc.boolean(),
    },
    { requiredKeys: [] },
  )
  .map(limitsOf);

describe('entries that are read in WebAssembly', () => {
  it('become the batch they would become one by one, whatever is among them, push after push', () => {
    const both = new Both();
    fc.assert(
      fc.property(
        limits,
        fc.array(fc.array(stream, { maxLength: 5 }), { minLength: 1, maxLength: 6 }),
        (rules, pushes) => {
          for (const streams of pushes) both.decode(protobufPush(streams), rules);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('are refused as they would be one by one where bytes are wrong', () => {
    const both = new Both();
    const rules = limitsOf({ reject_old_samples: false });
    const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        fc.array(stream, { minLength: 1, maxLength: 4 }),
        damage,
        fc.nat({ max: 20 }),
        (streams, places, cut) => {
          const bytes = Buffer.from(protobufPush(streams.map((one) => ({ ...one, labels: '{app="x"}' }))));
          for (const [at, byte] of places) if (bytes.length > 0) bytes[at % bytes.length] = byte;
          both.decode(bytes, rules);
          both.decode(bytes.subarray(0, Math.max(0, bytes.length - cut)), rules);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('are those of a tenant, whose names and levels need not be those of another', () => {
    const both = new Both();
    const streams: SampleStream[] = [
      {
        labels: '{app="x"}',
        entries: [1n, 2n].map((i) => ({ time: NOW - i, line: 'info', metadata: [['sev', 'error']] })),
      },
    ];
    const body = protobufPush(streams);
    const rules = [limitsOf({ log_level_fields: ['sev'] }), limitsOf({ log_level_fields: ['other'] })];
    const levels = [0, 1, 0, 1].map((i) => rowsOf(both.decode(body, rules[i]!, `tenant-${i}`).batch!)[1]!.metadata);
    expect(levels.map(({ detected_level: level }) => level)).toEqual(['error', 'info', 'error', 'info']);
  });

  it('share equal metadata, few pairs or more than are numbered there', () => {
    const both = new Both();
    const rules = limitsOf({});
    for (const count of [1, 3, 400, 10_000, 11_000, 30]) {
      const entries = Array.from({ length: count }, (_, i) => ({
        time: NOW,
        line: '',
        metadata: [
          ['trace_id', `${i % 5}`.repeat(i % 40) || '0'],
          ['k8s_pod', `pod-${i % 7}`],
          // Those that differ in their last bytes only must not all be looked for in the same place.
          ['a_b', `host-${i % 97}`],
          ['b', `node-${1000 + (i % 1000)}`],
          ['a', `a value of its own ${i}`],
        ] as [string, string][],
      }));
      const { batch } = both.decode(protobufPush([{ labels: '{app="x"}', entries }]), rules);
      const distinct = new Set(entries.flatMap(({ metadata }) => metadata.map((pair) => pair.join('='))));
      expect(batch!.pairKeys.length).toBe(distinct.size + 1);
    }
  });

  it('may have more names than it remembers, and be more than its columns hold', () => {
    const both = new Both();
    const many = Array.from({ length: 1500 }, (_, i) => ({
      time: NOW,
      line: `line ${i}`,
      metadata: [
        [`name_${i}`, 'v'],
        ['common', `${i}`],
      ] as [string, string][],
    }));
    const rules = limitsOf({});
    for (let round = 0; round < 3; round++) both.decode(protobufPush([{ labels: '{app="x"}', entries: many }]), rules);
    const long = { time: NOW, line: 'w'.repeat(100_000), metadata: [] };
    for (const count of [19, 21, 40, 3]) {
      const { acceptedLines } = both.decode(
        protobufPush([{ labels: '{app="x"}', entries: Array(count).fill(long) }]),
        rules,
      );
      expect(acceptedLines).toBe(count);
    }
  });
});
