/** Small data sets in which everything that matters to a query happens often: clashes, ties, broken lines, odd values. */
import fc from 'fast-check';
import type { TestRow } from '../support/build-input.js';
import { SECOND, T0 } from '../support/query-system.js';

const from = <T>(values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);

/** Few streams; some are called what lines and metadata are called too. */
const STREAMS: readonly Readonly<Record<string, string>>[] = [
  { app: 'a', env: 'prod' },
  { app: 'a', env: 'dev', level: 'info' },
  { app: 'b', env: 'prod' },
  { app: 'b', pod: 'p-1', status: '200' },
  { app: 'c', env: 'prod', dur: '20ms', zone: 'é"\\' },
];

const VALUES = {
  level: ['info', 'warn', 'error', 'debug', ''],
  status: ['200', '404', '500', '503', '-1'],
  dur: ['10ms', '1.5s', '2m', '1m30s', '3s', '40ms', '1h', '90', '1d', 'oops', '250us', '0s'],
  size: ['1KB', '5KiB', '77', '2MB', '1.5 MB', '3B', '10KB', 'xb', '12.5kB', '1GiB'],
  n: ['1', '2.5', '-3', '1e3', '0', '0.25', '12', '12', '7', '8.5', 'x', '0x10', '1_000', 'NaN', '+Inf'],
  count: ['1', '5', '9', '2', '20', '3'],
  msg: ['hello world', 'slow query', 'é名前', 'say "hi"', 'two\nlines', 'a|b', '', 'x=y'],
  ip: ['10.0.0.1', '10.0.0.77', '192.168.1.5', '2001:db8::1', 'none'],
  app: ['a', 'other'],
} as const;

type Key = keyof typeof VALUES;
type Field = readonly [key: Key, value: string];

const field: fc.Arbitrary<Field> = from(Object.keys(VALUES) as Key[]).chain((key) =>
  from<string>(VALUES[key]).map((value): Field => [key, value]),
);
const fields = fc.uniqueArray(field, { minLength: 3, maxLength: 7, selector: ([key]) => key, size: 'max' });

const METADATA = ['trace', 'level', 'status', 'app', 'n', 'dur', 'user_id'] as const;
const metadata = fc
  .uniqueArray(fc.tuple(from(METADATA), from(['t1', 't2', '500', '7', 'warn', '10ms', 'a'])), {
    maxLength: 3,
    selector: ([key]) => key,
  })
  .map((pairs) => pairs.sort(([a], [b]) => (a < b ? -1 : 1)));

function jsonMember([key, value]: Field): string {
  const isBare = /^-?\d+(\.\d+)?(e\d)?$/.test(value);
  return `${JSON.stringify(key)}: ${isBare ? value : JSON.stringify(value)}`;
}

const ODD_MEMBERS = [
  '"nil":null',
  '"arr":[1,{"x":2}]',
  '"ok":true',
  '"a.b c":"dots"',
  '"9x":"digit"',
  '"é":1',
  '" ":"blank"',
];
const USER = ['"user":{"id":7,"name":"bob"}', '"user":{"id":8,"name":"al","deep":{"x":"y"}}', '"user":"flat"'];

const jsonLine = fc
  .tuple(fields, fc.subarray(ODD_MEMBERS, { maxLength: 2 }), fc.option(from(USER)), fc.boolean())
  .map(([known, odd, user, repeats]) => {
    const members = [...known.map(jsonMember), ...odd, ...(user ? [user] : [])];
    if (repeats && members.length > 0) members.push('"level":"again"');
    return `{${members.join(',')}}`;
  });

function logfmtPair([key, value]: Field): string {
  if (value === '') return `${key}=`;
  return /^[^\s"=]+$/.test(value) ? `${key}=${value}` : `${key}=${JSON.stringify(value)}`;
}

const logfmtLine = fc
  .tuple(fields, fc.subarray(['bare', '=lost', 'bad="open', 'k"q', 'level=again', 'empty=""'], { maxLength: 2 }))
  .map(([known, odd]) =>
    [...known.map(logfmtPair), ...odd.sort((a, b) => Number(a === 'bad="open') - Number(b === 'bad="open'))].join(' '),
  );

const textLine = fc
  .tuple(from(VALUES.ip), from(['GET', 'POST']), from(['/api/x', '/login', '/']), from(VALUES.status), fc.nat(99))
  .map(([ip, method, path, status, bytes]) => `${ip} - "${method} ${path}" ${status} ${bytes}`);

const packedLine = fc
  .tuple(fields, from(['inner line', 'level=warn n=3', '']))
  .map(
    ([known, entry]) =>
      `{${[...known, ['_entry', entry] as const].map(([k, v]) => `"${k}":${JSON.stringify(v)}`).join(',')}}`,
  );

const line = fc.oneof(
  { arbitrary: jsonLine, weight: 7 },
  { arbitrary: logfmtLine, weight: 8 },
  { arbitrary: textLine, weight: 4 },
  { arbitrary: packedLine, weight: 1 },
  { arbitrary: fc.tuple(jsonLine, fc.nat(60)).map(([text, end]) => text.slice(0, end)), weight: 1 },
  { arbitrary: textLine.map((text) => `\x1b[31m${text}\x1b[0m`), weight: 1 },
  {
    arbitrary: from(['', ' ', 'plain error', 'ERROR: x', 'ünï 日本 🚀', '{', '[1,2]', '"text"', 'a\nb', 'tab\there']),
    weight: 2,
  },
);

/** Seconds after T0, many of them equal and many exactly on the steps of queries; a few a nanosecond beside one. */
const offset = fc
  .tuple(
    fc.oneof(
      from([0, 60, 120, 300, 600]),
      fc.integer({ min: 0, max: 40 }).map((n) => 15 * n),
      fc.nat(600),
    ),
    from([0n, 0n, 0n, 0n, 1n, -1n, 500_000_000n, 999_999_999n]),
  )
  .map(([seconds, ns]) => BigInt(seconds) * SECOND + ns);

/** A few entries come twice. */
export function arbitraryEntries(maxLength: number): fc.Arbitrary<TestRow[]> {
  const row = fc.record({ stream: from(STREAMS), time: offset, line, metadata: fc.oneof(fc.constant([]), metadata) });
  const rows = fc.array(row, { minLength: 1, maxLength, size: 'max' });
  return fc.tuple(rows, fc.array(fc.nat(), { maxLength: 4 })).map(([all, repeats]) => {
    const again = repeats.map((n) => all[n % all.length]!);
    return [...all, ...again].map(({ stream, time, ...rest }) => ({ labels: stream, time: T0 + time, ...rest }));
  });
}
