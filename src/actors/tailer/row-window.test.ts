import { describe, expect, it } from 'vitest';
import type { Labels } from '../../wire/labels.js';
import type { StreamResult } from '../../wire/query.js';
import { RowWindow } from './row-window.js';

const row = (time: bigint, line: string, labels: Labels = [['app', 'a']]): StreamResult => ({
  ...{ labels, entries: [{ time, line }] },
});

describe('rows that a tail has had', () => {
  it('come once, whoever tells of them', () => {
    const window = new RowWindow(10);
    expect(window.fresh([row(1n, 'x'), row(1n, 'x')])).toEqual([row(1n, 'x')]);
    expect(window.fresh([row(1n, 'x'), row(2n, 'x')])).toEqual([row(2n, 'x')]);
  });

  it('differ by time, labels, line and metadata', () => {
    const window = new RowWindow(10);
    const tagged = { labels: [], entries: [{ time: 1n, line: 'x', structuredMetadata: [['k', 'v']] as Labels }] };
    const rows = [row(1n, 'x', []), row(1n, 'y', []), row(2n, 'x', []), row(1n, 'x'), tagged];
    expect(window.fresh(rows)).toEqual(rows);
    expect(window.fresh(rows)).toEqual([]);
  });

  it('are a bounded number, and it is known up to which time some are forgotten', () => {
    const window = new RowWindow(3);
    window.fresh([row(5n, 'a'), row(2n, 'b'), row(7n, 'c')]);
    expect(window.forgottenTime).toBeUndefined();
    window.fresh([row(8n, 'd'), row(9n, 'e')]);
    expect([window.size, window.forgottenTime]).toEqual([3, 5n]);
    expect(window.fresh([row(7n, 'c')])).toEqual([]);
  });
});
