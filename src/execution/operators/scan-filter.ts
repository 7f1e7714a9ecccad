import { namesIn, readsMessage } from '../../planning/physical/counted.js';
import type { ColumnRef, Predicate } from '../../planning/physical/expression.js';
import { ALL_LABELS } from '../../planning/physical/expression.js';
import type { ScanOptions } from '../../planning/physical/node.js';
import type { LogBatch } from '../batch/log-batch.js';
import { compilePredicate } from '../predicate/compile.js';
import { applyFilter, type RowFilter } from '../predicate/row-filter.js';
import { compileJudge } from '../shapes/judge.js';
import type { RowShapes } from '../shapes/row-shapes.js';
import type { Judge } from '../shapes/verdict.js';

/** The conditions of a scan in the order that reads least: labels and metadata before the text of lines. */
export class ScanFilter {
  readonly readsMessage: boolean;
  readonly #onLabels: readonly RowFilter[];
  readonly #onText: readonly RowFilter[];
  readonly #text: readonly Predicate[];

  constructor(predicates: readonly Predicate[]) {
    const onText = predicates.filter(readsMessage);
    const onLabels = predicates.filter((predicate) => !readsMessage(predicate));
    this.#onLabels = onLabels.map(compilePredicate);
    this.#onText = onText.map(compilePredicate);
    this.#text = onText;
    this.readsMessage = onText.length > 0;
  }

  /** Judges shapes of lines by the conditions on text; undefined when nothing can be said of any. */
  judge(): Judge | undefined {
    return compileJudge(this.#text);
  }

  /** Where the shapes of the rows' lines are known, only lines that these leave open are read. */
  apply(batch: LogBatch, shapes?: RowShapes): void {
    for (const filter of this.#onLabels) applyFilter(batch, filter);
    if (shapes) shapes.filter(batch, (open) => this.#applyText(open));
    else this.#applyText(batch);
  }

  #applyText(batch: LogBatch): void {
    for (const filter of this.#onText) applyFilter(batch, filter);
  }
}

/** Metadata keys a scan has to offer, `undefined` = all: what is projected, what is compared, and their moved names. */
export function metadataNeeded(scan: ScanOptions): ReadonlySet<string> | undefined {
  if (scan.projections === undefined || needsColumn(scan, ALL_LABELS)) return undefined;
  const projected = scan.projections.flatMap(({ type, name }) =>
    type === 'builtin' || type === 'generated' ? [] : name,
  );
  return new Set([...withMoved(projected), ...metadataTested(scan)]);
}

/** Metadata keys that the conditions of a scan look at. */
export function metadataTested(scan: ScanOptions): ReadonlySet<string> {
  return withMoved(scan.predicates.flatMap(namesIn));
}

/** Names together with those that they may have been moved from. */
function withMoved(names: readonly string[]): ReadonlySet<string> {
  const moved = names.filter((name) => name.endsWith('_extracted')).map((name) => name.slice(0, -'_extracted'.length));
  return new Set([...names, ...moved]);
}

export function needsColumn(scan: ScanOptions, column: ColumnRef): boolean {
  return (
    scan.projections === undefined ||
    scan.projections.some(({ type, name }) => type === column.type && name === column.name)
  );
}
