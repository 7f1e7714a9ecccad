import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS, type TenantLimits } from '../../wire/limits.js';
import { DiscardCounts, type EntryRefusal, EntryRules, GroupedMessages } from './validate.js';

const NOW = 1_793_491_200_500_000_000n; // 2026-11-01T00:00:00.5Z
const NOW_SECONDS = 1793491200;
const HALF = 500_000_000;

const rules = (limits: Partial<TenantLimits> = {}, now = NOW): EntryRules =>
  new EntryRules({ ...DEFAULT_LIMITS, ...limits }, now);

describe('an entry', () => {
  it('may be as old as allowed and not a nanosecond older', () => {
    const day = rules({ reject_old_samples_max_age_ms: 86_400_000 });
    expect(day.check(NOW_SECONDS - 86_400, HALF, 1, 0, 0)).toBeNull();
    expect(day.check(NOW_SECONDS - 86_400, HALF - 1, 1, 0, 0)).toBe('greater_than_max_sample_age');
    expect(day.check(NOW_SECONDS - 86_401, 999_999_999, 1, 0, 0)).toBe('greater_than_max_sample_age');
  });

  it('may be as new as allowed and not a nanosecond newer', () => {
    const minute = rules({ creation_grace_period_ms: 60_000 });
    expect(minute.check(NOW_SECONDS + 60, HALF, 1, 0, 0)).toBeNull();
    expect(minute.check(NOW_SECONDS + 60, HALF + 1, 1, 0, 0)).toBe('too_far_in_future');
    expect(minute.check(NOW_SECONDS + 61, 0, 1, 0, 0)).toBe('too_far_in_future');
  });

  it('may be of any age that int64 nanoseconds hold where old ones are not rejected', () => {
    const any = rules({ reject_old_samples: false, creation_grace_period_ms: 1e15 });
    expect(any.check(-9223372036, 0, 1, 0, 0)).toBeNull();
    expect(any.check(9223372035, 999_999_999, 1, 0, 0)).toBeNull();
    expect(any.check(-9223372037, 999_999_999, 1, 0, 0)).toBe('greater_than_max_sample_age');
    expect(any.check(9223372036, 0, 1, 0, 0)).toBe('too_far_in_future');
  });

  it('is checked against a clock before 1970 too', () => {
    const old = rules({ reject_old_samples_max_age_ms: 0, creation_grace_period_ms: 0 }, -1n);
    expect(old.check(-1, 999_999_999, 1, 0, 0)).toBeNull();
    expect(old.check(-1, 999_999_998, 1, 0, 0)).toBe('greater_than_max_sample_age');
    expect(old.check(0, 0, 1, 0, 0)).toBe('too_far_in_future');
  });

  it('may have sizes exactly at their limits, and any where the limit is 0', () => {
    const limits = { max_line_size: 10, max_structured_metadata_size: 20, max_structured_metadata_entries_count: 2 };
    const check = (line: number, pairs: number, bytes: number, changed = {}): EntryRefusal | null =>
      rules({ ...limits, ...changed }).check(NOW_SECONDS, 0, line, pairs, bytes);
    expect(check(10, 2, 20)).toBeNull();
    expect(check(11, 2, 20)).toBe('line_too_long');
    expect(check(10, 2, 21)).toBe('structured_metadata_too_large');
    expect(check(10, 3, 20)).toBe('structured_metadata_too_many');
    const none = { max_line_size: 0, max_structured_metadata_size: 0, max_structured_metadata_entries_count: 0 };
    expect(check(1e6, 1e6, 1e6, none)).toBeNull();
    expect(check(10, 1, 2, { allow_structured_metadata: false })).toBe('disallowed_structured_metadata');
    expect(check(10, 0, 0, { allow_structured_metadata: false })).toBeNull();
  });

  it('is refused for the first rule it breaks', () => {
    const strict = {
      allow_structured_metadata: false,
      max_line_size: 1,
      max_structured_metadata_size: 1,
      max_structured_metadata_entries_count: 1,
    };
    const all = rules(strict);
    expect(all.check(0, 0, 9, 9, 9)).toBe('greater_than_max_sample_age');
    expect(all.check(NOW_SECONDS * 2, 0, 9, 9, 9)).toBe('too_far_in_future');
    expect(all.check(NOW_SECONDS, 0, 9, 9, 9)).toBe('line_too_long');
    expect(all.check(NOW_SECONDS, 0, 1, 9, 9)).toBe('disallowed_structured_metadata');
    const allowed = rules({ ...strict, allow_structured_metadata: true });
    expect(allowed.check(NOW_SECONDS, 0, 1, 9, 9)).toBe('structured_metadata_too_large');
    expect(allowed.check(NOW_SECONDS, 0, 1, 9, 1)).toBe('structured_metadata_too_many');
  });

  it.each<[EntryRefusal, string]>([
    [
      'greater_than_max_sample_age',
      'entry for stream \'{a="b"}\' has timestamp too old: 2026-10-01T00:00:00Z, oldest acceptable timestamp is: 2026-10-25T00:00:00Z',
    ],
    ['too_far_in_future', 'entry for stream \'{a="b"}\' has timestamp too new: 2026-10-01T00:00:00Z'],
    [
      'line_too_long',
      "max entry size '262144' bytes exceeded for stream '{a=\"b\"}' while adding an entry with length '300000' bytes",
    ],
    [
      'disallowed_structured_metadata',
      'stream \'{a="b"}\' includes structured metadata, but this feature is disallowed. Please see `limits_config.allow_structured_metadata` or contact your Loki administrator to enable it',
    ],
    [
      'structured_metadata_too_large',
      "stream '{a=\"b\"}' has structured metadata too large: '70000' bytes, limit: '65536' bytes. Please see `limits_config.max_structured_metadata_size` or contact your Loki administrator to increase it",
    ],
    [
      'structured_metadata_too_many',
      "stream '{a=\"b\"}' has too many structured metadata labels: '200', limit: '128'. Please see `limits_config.max_structured_metadata_entries_count` or contact your Loki administrator to increase it",
    ],
  ])('that broke %s is told so in the words of Loki', (refusal, text) => {
    expect(rules().explain(refusal, '{a="b"}', 1790812800, 300_000, 200, 70_000)).toBe(text);
  });
});

describe('messages', () => {
  const joined = (...texts: string[]): string => {
    const messages = new GroupedMessages();
    for (const text of texts) messages.add(text);
    return messages.join();
  };

  it('are as they are when there is one', () => {
    expect(joined('a')).toBe('a');
  });

  it('are grouped with their number when there are more', () => {
    expect(joined('a', 'a')).toBe('2 errors like: a');
    expect(joined('a', 'b', 'a')).toBe('2 errors like: a; 1 errors like: b');
  });

  it('are bounded however many there are', () => {
    const messages = new GroupedMessages();
    for (let i = 0; i < 1000; i++) {
      if (messages.isFull && i % 2) messages.skip();
      else messages.add(`message ${i}`);
    }
    messages.add('message 0');
    expect(messages.join()).toContain('2 errors like: message 0; 1 errors like: message 1;');
    expect(messages.join()).toMatch(/; 936 more errors$/);
  });

  it('may be none', () => {
    expect(new GroupedMessages().isEmpty).toBe(true);
  });
});

describe('discard counts', () => {
  it('are sums by reason', () => {
    const counts = new DiscardCounts();
    counts.add('a', 1, 10);
    counts.add('b', 2, 20);
    counts.add('a', 3, 30);
    expect(counts.list()).toEqual([
      { reason: 'a', lines: 4, bytes: 40 },
      { reason: 'b', lines: 2, bytes: 20 },
    ]);
  });
});
