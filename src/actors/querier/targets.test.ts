import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunIndex } from '../../storage/dataobj/types.js';
import type { SectionDescriptor, WindowCoverage } from '../../storage/metastore/types.js';
import { formatLabels, labelsOf } from '../../wire/labels.js';
import type { LiveMemtable } from '../../wire/messages/live.js';
import type { TimeRange } from '../../wire/time.js';
import { type ResolvedSelector, scanTargets } from './targets.js';

const NO_RUNS: RunIndex = {
  ...{ starts: new Int32Array(4), stream: new Int32Array(), rows: new Int32Array(), messageBytes: new Int32Array() },
  ...{ metadataBytes: new Int32Array(), minTime: new Float64Array(), maxTime: new Float64Array() },
};

const X = labelsOf({ app: 'x' });

function memtable(snapshot: string, fromSeq: number, toSeq: number, minTime = 0n, maxTime = 99n): LiveMemtable {
  const stream = { id: 4, labels: X, key: formatLabels(X), minTime, maxTime, rows: 5, bytes: 50 };
  return { snapshot, fromSeq, toSeq, streams: [stream], rows: 5, bytes: 50 };
}

function section(path: string, fromSeq: number, more: Partial<SectionDescriptor> = {}): SectionDescriptor {
  const columns = [{ name: 'app', values: ['x'], ids: Int32Array.of(-1, -1, 0) }];
  const table = { count: 3, columns, labels: () => X };
  const streams = { table, ids: Int32Array.of(2), minTime: Float64Array.of(0), maxTime: Float64Array.of(9) };
  return {
    ...{ path, size: 100, section: 0, base: 0n, minTime: 0n, maxTime: 9n, streams, pages: Int32Array.of(1) },
    ...{ pagesTotal: 3, rows: 3, bytes: 30, prunedBy: { streams: 0, time: 0, metadata: 0, text: 2 } },
    source: { writer: '0', fromSeq, toSeq: fromSeq },
    pointers: { counted: [], restKeys: [], column: () => undefined, runs: NO_RUNS },
    ...more,
  };
}

function resolved(
  sections: readonly SectionDescriptor[],
  memtables: readonly LiveMemtable[],
  coverage: readonly WindowCoverage[] = [],
  range: TimeRange = { start: 0n, end: 100n },
): ResolvedSelector {
  const live = [{ address: 'ingester/0', snapshot: { ingester: '0', memtables }, coverage }];
  return { range, matchers: [], sections, live, windowNs: 10n };
}

const windowsOf = (selector: ResolvedSelector): string[] =>
  scanTargets(selector).flatMap((target) =>
    target.kind === 'live' ? target.windows.map(({ start, end }) => `${start}-${end}`) : [],
  );

const covered = (window: bigint, ...ranges: [number, number][]): WindowCoverage => ({ window, ranges });

describe('targets', () => {
  it('are oldest first: sections by their place in the log, then memory', () => {
    const sections = [section('b', 7), section('a', 7, { section: 1 }), section('c', 2), section('a', 7)];
    const targets = scanTargets(resolved(sections, [memtable('m1', 8, 9), memtable('m2', 10, 11)]));
    expect(
      targets.map((target) => (target.kind === 'live' ? target.snapshot : `${target.location}/${target.section}`)),
    ).toEqual(['c/0', 'a/0', 'a/1', 'b/0', 'm1', 'm2']);
  });

  it('are all of what is held of others, whatever objects of the holder cover', () => {
    const copies = { ...memtable('h', 1, 1), held: 'o' };
    const everything = [covered(0n, [0, 9]), covered(10n, [0, 9])];
    expect(windowsOf(resolved([], [copies], everything, { start: 0n, end: 20n }))).toEqual(['0-20']);
    expect(windowsOf(resolved([], [memtable('m', 1, 1)], everything, { start: 0n, end: 20n }))).toEqual([]);
  });

  it('are not compared with memory of which it is said that they have no entry in common', () => {
    const memtables = ['1', '2', '3', '4'].map((name) => memtable(name, Number(name), Number(name)));
    const said = [{}, { distinct: 'log 7' }, { distinct: 'log 7' }, { distinct: 'log 9' }];
    const targets = scanTargets(
      resolved(
        [],
        memtables.map((one, i) => ({ ...one, ...said[i] })),
      ),
    );
    const others = targets.map(({ overlaps }) =>
      overlaps.map(({ other }) => ('snapshot' in other ? other.snapshot : '')),
    );
    expect(others).toEqual([[], ['1'], ['1'], ['1', '2', '3']]);
  });

  it('carry what a scan and its planning need', () => {
    const [stored, live] = scanTargets(resolved([section('a', 1)], [memtable('m', 2, 3, 5n, 60n)]));
    expect(stored).toEqual({
      ...{ kind: 'section', location: 'a', section: 0, streams: Int32Array.of(2), pages: Int32Array.of(1) },
      ...{ minTime: 0n, maxTime: 9n, rows: 3, bytes: 30, overlaps: [], selector: '[]' },
      counted: { counted: [], hasKey: expect.any(Function) },
      runs: { base: 0n, ...NO_RUNS },
    });
    expect(live).toEqual({
      ...{ kind: 'live', ingester: 'ingester/0', snapshot: 'm', streams: Int32Array.of(4), minTime: 5n, maxTime: 60n },
      ...{ rows: 5, bytes: 50, windows: [{ start: 0n, end: 100n }] },
      overlaps: [
        {
          other: { location: 'a', section: 0 },
          ...{ streams: Int32Array.of(4), otherStreams: Int32Array.of(2), minTime: 5n, maxTime: 9n },
        },
      ],
    });
  });
});

describe('memory', () => {
  it('counts the bytes of the time that is asked for and not in objects', () => {
    const bytes = (start: bigint, end: bigint, ...coverage: WindowCoverage[]): number[] =>
      scanTargets(resolved([], [memtable('m', 5, 9, 0n, 100n)], coverage, { start, end })).map(
        (target) => target.bytes,
      );
    expect(bytes(0n, 101n)).toEqual([50]);
    expect(bytes(0n, 20n)).toEqual([10]);
    expect(bytes(40n, 60n)).toEqual([10]);
    expect(bytes(95n, 200n)).toEqual([3]);
    expect(bytes(0n, 60n, covered(20n, [1, 9]))).toEqual([25]);
  });

  it('is left out in windows that objects cover', () => {
    expect(windowsOf(resolved([], [memtable('m', 5, 9)], [covered(40n, [1, 9])]))).toEqual(['0-40', '50-100']);
    expect(windowsOf(resolved([], [memtable('m', 5, 9)], [covered(90n, [5, 9]), covered(0n, [5, 20])]))).toEqual([
      '10-90',
    ]);
  });

  it('is read where objects hold only a part of it', () => {
    const parts = [covered(40n, [1, 8]), covered(50n, [6, 9]), covered(60n, [1, 6], [8, 9])];
    expect(windowsOf(resolved([], [memtable('m', 5, 9)], parts))).toEqual(['0-100']);
  });

  it('is no target when objects cover all of the range', () => {
    const all = Array.from({ length: 10 }, (_, i) => covered(BigInt(i * 10), [1, 9]));
    expect(scanTargets(resolved([], [memtable('m', 5, 9)], all))).toEqual([]);
  });

  it('is judged memtable by memtable', () => {
    const memtables = [memtable('m1', 1, 4), memtable('m2', 5, 9)];
    const targets = scanTargets(
      resolved(
        [],
        memtables,
        Array.from({ length: 10 }, (_, i) => covered(BigInt(i * 10), [1, 4])),
      ),
    );
    expect(targets).toMatchObject([{ snapshot: 'm2' }]);
  });

  it('is read at exactly the times of the range that no covered window holds', () => {
    const window = fc.integer({ min: -3, max: 12 }).map((i) => BigInt(i * 10));
    const range = fc.tuple(fc.integer({ min: -20, max: 120 }), fc.nat(100));
    fc.assert(
      fc.property(fc.uniqueArray(window), range, (windows, [from, length]) => {
        const span = { start: BigInt(from), end: BigInt(from + length) };
        const targets = scanTargets(
          resolved(
            [],
            [memtable('m', 5, 9)],
            windows.map((start) => covered(start, [5, 9])),
            span,
          ),
        );
        const left = targets.flatMap((target) => (target.kind === 'live' ? target.windows : []));
        for (let time = span.start - 5n; time < span.end + 5n; time++) {
          const inside =
            time >= span.start && time < span.end && !windows.some((start) => time >= start && time < start + 10n);
          expect(left.filter(({ start, end }) => time >= start && time < end)).toHaveLength(inside ? 1 : 0);
        }
      }),
    );
  });
});
