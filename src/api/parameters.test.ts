import { describe, expect, it } from 'vitest';
import { FaultError } from '../wire/fault.js';
import {
  directionOf,
  evaluationTime,
  intervalOf,
  limitOf,
  orderedTimeBounds,
  Parameters,
  stepOf,
  timeBounds,
} from './parameters.js';

/** 2026-11-02T00:00:00Z */
const NOW = 1793577600n * 1_000_000_000n;
const HOUR = 3600n * 1_000_000_000n;

function refusal(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof FaultError) return `${error.fault.code}: ${error.fault.message}`;
    throw error;
  }
  throw new Error('was not refused');
}

function time(value: string): bigint {
  return evaluationTime(new Parameters(new URLSearchParams({ time: value }).toString()), NOW);
}

describe('merging', () => {
  it('puts a posted form before the query string', () => {
    const parameters = new Parameters('limit=1&a=url', 'limit=2');
    expect(parameters.get('limit')).toBe('2');
    expect(parameters.all('limit')).toEqual(['2', '1']);
    expect(parameters.get('a')).toBe('url');
  });

  it('takes an absent parameter for an empty one', () => {
    expect(new Parameters('').get('x')).toBe('');
    expect(new Parameters('').all('x')).toEqual([]);
  });

  it('decodes + and percent escapes', () => {
    expect(new Parameters('query=%7Bapp%3D%22x%22%7D+%7C%3D+%22y%22').get('query')).toBe('{app="x"} |= "y"');
  });
});

describe('times', () => {
  it.each([
    ['1793491200', 1793491200n * 1_000_000_000n],
    ['0', 0n],
    ['-1', -1_000_000_000n],
    ['1793491200000000001', 1793491200000000001n],
    ['1793491200123', 1793491200123n], // 13 digits are nanoseconds, not milliseconds
    ['1793491200.5', 1793491200_500000000n],
    ['1793491200.0004', 1793491200_000000000n],
    ['1793491200.0006', 1793491200_001000000n],
    ['1.5e9', 1500000000n * 1_000_000_000n],
    ['2026-11-01T00:00:00Z', 1793491200n * 1_000_000_000n],
    ['2026-11-01T00:00:00.123456789Z', 1793491200_123456789n],
    ['2026-11-01T00:00:00.250Z', 1793491200_250000000n],
    ['2026-11-01T02:00:00+02:00', 1793491200n * 1_000_000_000n],
    ['', NOW],
  ])('reads %s', (value, expected) => {
    expect(time(value)).toBe(expected);
  });

  it.each([
    ['abc', 'strconv.ParseInt: parsing "abc": invalid syntax'],
    ['2026-02-31T00:00:00Z', 'strconv.ParseInt: parsing "2026-02-31T00:00:00Z": invalid syntax'],
    ['2026-11-01T24:00:00Z', 'strconv.ParseInt: parsing "2026-11-01T24:00:00Z": invalid syntax'],
    ['2026-11-01 00:00:00', 'strconv.ParseInt: parsing "2026-11-01 00:00:00": invalid syntax'],
    ['1.2.3', 'strconv.ParseInt: parsing "1.2.3": invalid syntax'],
    ['99999999999999999999', 'strconv.ParseInt: parsing "99999999999999999999": value out of range'],
  ])('refuses %s as Go does', (value, message) => {
    expect(refusal(() => time(value))).toBe(`bad-request: ${message}`);
  });

  it('keeps a time beyond int64 nanoseconds within them', () => {
    expect(time('9999999999')).toBe(2n ** 63n - 1n);
    expect(time('9999-12-31T00:00:00Z')).toBe(2n ** 63n - 1n);
  });
});

describe('bounds', () => {
  const bounds = (query: string) => timeBounds(new Parameters(query), NOW);

  it('default to the last hour', () => {
    expect(bounds('')).toEqual({ start: NOW - HOUR, end: NOW });
  });

  it('since replaces the hour', () => {
    expect(bounds('since=2d')).toEqual({ start: NOW - 48n * HOUR, end: NOW });
  });

  it('an end in the past is where the hour ends', () => {
    const end = NOW - 10n * HOUR;
    expect(bounds(`end=${end}`)).toEqual({ start: end - HOUR, end });
  });

  it('an end in the future counts the hour from now', () => {
    const end = NOW + 10n * HOUR;
    expect(bounds(`end=${end}`)).toEqual({ start: NOW - HOUR, end });
  });

  it('an explicit start wins over since', () => {
    expect(bounds('start=1793491200&since=10m').start).toBe(1793491200n * 1_000_000_000n);
  });

  it.each([
    ['start=abc', `could not parse 'start' parameter: strconv.ParseInt: parsing "abc": invalid syntax`],
    ['end=abc', `could not parse 'end' parameter: strconv.ParseInt: parsing "abc": invalid syntax`],
    ['since=abc', `could not parse 'since' parameter: not a valid duration string: "abc"`],
  ])('%s is refused by name', (query, message) => {
    expect(refusal(() => bounds(query))).toBe(`bad-request: ${message}`);
  });

  it('an end before the start is refused, an equal one is not', () => {
    const ordered = (query: string) => orderedTimeBounds(new Parameters(query), NOW);
    expect(refusal(() => ordered('start=200&end=100'))).toBe(
      'bad-request: end timestamp must not be before or equal to start time',
    );
    expect(ordered('start=100&end=100')).toEqual({ start: 100_000_000_000n, end: 100_000_000_000n });
  });
});

describe('limit', () => {
  const limit = (value: string) => limitOf(new Parameters(new URLSearchParams({ limit: value }).toString()));

  it('is 100 unless given', () => {
    expect(limit('')).toBe(100);
    expect(limit('5001')).toBe(5001);
    expect(limit('+7')).toBe(7);
  });

  it.each([
    ['-1', 'limit must be a positive value'],
    ['0', 'limit must be a positive value'],
    ['x', 'strconv.Atoi: parsing "x": invalid syntax'],
    ['1.5', 'strconv.Atoi: parsing "1.5": invalid syntax'],
    ['9223372036854775808', 'strconv.Atoi: parsing "9223372036854775808": value out of range'],
    ['4294967296', 'limit value 4294967296 is out of range [0, 4294967295]'],
  ])('%s is refused', (value, message) => {
    expect(refusal(() => limit(value))).toBe(`bad-request: ${message}`);
  });
});

describe('direction', () => {
  it.each([
    ['', 'backward'],
    ['FORWARD', 'forward'],
    ['Backward', 'backward'],
  ])('%s means %s', (value, expected) => {
    expect(directionOf(new Parameters(`direction=${value}`))).toBe(expected);
  });

  it('anything else is refused with its own spelling', () => {
    expect(refusal(() => directionOf(new Parameters('direction=Sideways')))).toBe(
      "bad-request: invalid direction 'Sideways'",
    );
  });
});

describe('step', () => {
  const twoHours = { start: 1793491200n * 1_000_000_000n, end: 1793498400n * 1_000_000_000n };
  const step = (value: string, bounds = twoHours) =>
    stepOf(new Parameters(new URLSearchParams({ step: value }).toString()), bounds);

  it.each([
    ['', 28e9],
    ['37', 37e9],
    ['1.5', 1.5e9],
    ['1m', 60e9],
    ['1500ms', 1.5e9],
    ['1.0005', 1e9],
    ['1e3', 1000e9],
  ])('%s is read', (value, expected) => {
    expect(step(value)).toBe(expected);
  });

  it('is at least one second by default', () => {
    expect(step('', { start: 0n, end: 1_000_000n })).toBe(1e9);
  });

  it.each([
    ['-5', 'zero or negative query resolution step widths are not accepted. Try a positive integer'],
    ['0', 'zero or negative query resolution step widths are not accepted. Try a positive integer'],
    ['NaN', 'zero or negative query resolution step widths are not accepted. Try a positive integer'],
    ['x', 'cannot parse "x" to a valid duration'],
    ['1e20', 'cannot parse "1e20" to a valid duration. It overflows int64'],
    [
      '0.1',
      'exceeded maximum resolution of 11,000 points per time series. Try increasing the value of the step parameter',
    ],
  ])('%s is refused', (value, message) => {
    expect(refusal(() => step(value))).toBe(`bad-request: ${message}`);
  });

  it('allows exactly 11,000 points', () => {
    expect(step('1', { start: 0n, end: 11_000n * 1_000_000_000n })).toBe(1e9);
    expect(refusal(() => step('1', { start: 0n, end: 11_001n * 1_000_000_000n }))).toContain('11,000 points');
  });
});

describe('interval', () => {
  const interval = (value: string) => intervalOf(new Parameters(`interval=${value}`));

  it('is read like a step, and is none by default', () => {
    expect(interval('')).toBe(0);
    expect(interval('10m')).toBe(600e9);
    expect(interval('600')).toBe(600e9);
  });

  it('must not be negative', () => {
    expect(refusal(() => interval('-1'))).toBe('bad-request: interval must be >= 0');
  });
});
