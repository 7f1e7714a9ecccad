import { expect, it } from 'vitest';
import { DEFAULT_BUILD_SETTINGS } from '../types.js';
import { kindsOfBuild } from './kept-kinds.js';
import { ShapeTable } from './shape-table.js';
import { ValueColumn } from './value-column.js';

it('the kinds of objects that a build makes are kept, and next to no memory', () => {
  const kinds = kindsOfBuild(DEFAULT_BUILD_SETTINGS);
  const columns = kinds.flatMap((kind) => ('columns' in kind ? (kind.columns as object[]) : []));
  expect(columns.some((column) => column instanceof ValueColumn && column.count === 1)).toBe(true);
  const shapes = kinds.find((kind) => kind instanceof ShapeTable);
  expect(shapes?.ids.length).toBe(1);
});
