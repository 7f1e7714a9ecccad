import { MESSAGE, MESSAGE_LENGTH } from '../../planning/physical/expression.js';
import type { ScanOptions } from '../../planning/physical/node.js';
import {
  MESSAGE_COLUMN,
  metadataColumn,
  type Pointers,
  REST_COLUMN,
  SHAPE_COLUMN,
  TIMESTAMP_COLUMN,
} from '../../storage/dataobj/types.js';
import { metadataNeeded, metadataTested, needsColumn } from './scan-filter.js';

/** The columns of a section that a scan reads, by when it needs them. */
export interface SectionColumns {
  /** What decides which rows are wanted. */
  readonly first: readonly string[];
  /** The rest, which only pages with wanted rows are asked for. */
  readonly later: readonly string[];
  /** Of every one of them. */
  readonly when: ReadonlyMap<string, 'first' | 'later'>;
  /** The same by metadata key, of those that have a column of their own. */
  readonly whenKey: ReadonlyMap<string, 'first' | 'later'>;
}

/** What rows are chosen by, besides the conditions on labels and metadata. */
export interface ChosenBy {
  readonly message: boolean;
  /** Whole entries are compared with those of other places. */
  readonly entries: boolean;
  /** What the shapes of lines leave open, if anything, is read for those pages alone. */
  readonly shapes: boolean;
  /** What lines hold is told from their shapes. */
  readonly parsed: boolean;
  /** That tells which pages' lines are read. */
  readonly linesLater: boolean;
  readonly times: boolean;
}

/** `split` = false: all columns are read at once. */
export function columnsToRead(scan: ScanOptions, pointers: Pointers, by: ChosenBy, split: boolean): SectionColumns {
  const chosenByLine = by.shapes || by.linesLater ? [SHAPE_COLUMN] : by.message ? [MESSAGE_COLUMN] : [];
  const wantsLines = needsColumn(scan, MESSAGE) || needsColumn(scan, MESSAGE_LENGTH);
  const message = by.entries || (wantsLines && !by.linesLater);
  const times = by.times ? [TIMESTAMP_COLUMN] : [];
  const all = [
    ...times,
    ...new Set([...chosenByLine, ...(message ? [MESSAGE_COLUMN] : [])]),
    ...(by.parsed && !chosenByLine.includes(SHAPE_COLUMN) ? [SHAPE_COLUMN] : []),
    ...metadataColumns(pointers, by.entries ? undefined : metadataNeeded(scan)),
  ];
  if (!split || by.entries) return sectionColumns(all, []);
  const first = [...times, ...chosenByLine, ...metadataColumns(pointers, metadataTested(scan))];
  return sectionColumns(
    first,
    all.filter((name) => !first.includes(name)),
  );
}

function sectionColumns(first: readonly string[], later: readonly string[]): SectionColumns {
  const when = new Map<string, 'first' | 'later'>();
  for (const name of later) when.set(name, 'later');
  for (const name of first) when.set(name, 'first');
  const prefix = metadataColumn('');
  const keys = [...when].filter(([name]) => name.startsWith(prefix));
  const whenKey = new Map(keys.map(([name, time]) => [name.slice(prefix.length), time]));
  return { first, later, when, whenKey };
}

/** Whether metadata of every row has all labels that are asked for, so that hardly anything is looked for in lines. */
export function isTaken({ projections = [] }: ScanOptions, pointers: Pointers): boolean {
  const names = projections.filter(({ type }) => type === 'ambiguous').map(({ name }) => name);
  return names.length > 0 && names.every((name) => pointers.column(metadataColumn(name))?.nulls === 0);
}

/** The columns with the given keys, undefined = all keys. */
function metadataColumns(pointers: Pointers, keys: ReadonlySet<string> | undefined): string[] {
  const prefix = metadataColumn('');
  const own = pointers.columns
    .map(({ name }) => name)
    .filter((name) => name.startsWith(prefix) && (!keys || keys.has(name.slice(prefix.length))));
  return pointers.restKeys.some((key) => !keys || keys.has(key)) ? [...own, REST_COLUMN] : own;
}
