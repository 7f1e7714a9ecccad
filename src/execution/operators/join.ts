import type { Join } from '../../planning/physical/node.js';
import { unreachable } from '../../wire/exhaustive.js';
import { raise } from '../../wire/fault.js';
import { getOrCreate } from '../../wire/get-or-create.js';
import { formatLabels, type Labels, labelsOf, labelValue } from '../../wire/labels.js';
import { labelsKey, type SampleBatch } from '../batch/sample-batch.js';
import type { Pipeline } from '../pipeline.js';
import { calculate, isComparison } from './arithmetic.js';
import { anyPresent, batchOf, collectSeries, type SeriesView } from './collect.js';

/** Series of both sides whose matching labels are equal. */
interface Match {
  readonly left: SeriesView[];
  readonly right: SeriesView[];
}

/** A binary operation between two vectors, matched by labels at every step (A82, A83). */
export async function* join(
  left: Pipeline<SampleBatch>,
  right: Pipeline<SampleBatch>,
  node: Join,
): Pipeline<SampleBatch> {
  const [leftSeries, rightSeries] = await Promise.all([collectSeries(left), collectSeries(right)]);
  const steps = (leftSeries[0] ?? rightSeries[0])?.values.length ?? 0;
  if (steps === 0) return;
  const matches = matchSeries(leftSeries, rightSeries, node);
  const results = new Results(steps, node.group?.side === 'right' ? rightSeries : [...leftSeries, ...rightSeries]);
  for (const match of matches.values()) combine(match, node, results, steps);
  const series = results.inOrder().filter(anyPresent);
  if (series.length > 0) yield batchOf(series, steps);
}

function matchSeries(left: readonly SeriesView[], right: readonly SeriesView[], node: Join): Map<string, Match> {
  const matches = new Map<string, Match>();
  const place = (series: SeriesView, side: 'left' | 'right'): void => {
    const key = labelsKey(matchingLabels(series.labels, node.matching));
    getOrCreate(matches, key, (): Match => ({ left: [], right: [] }))[side].push(series);
  };
  for (const series of left) place(series, 'left');
  for (const series of right) place(series, 'right');
  return matches;
}

function matchingLabels(labels: Labels, { kind, labels: names }: Join['matching']): Labels {
  const set = new Set(names);
  return labels.filter(([name]) => set.has(name) === (kind === 'on'));
}

function combine(match: Match, node: Join, results: Results, steps: number): void {
  switch (node.operation) {
    case 'AND':
      return keepWhere(match.left, (k) => someAt(match.right, k), results, steps);
    case 'UNLESS':
      return keepWhere(match.left, (k) => !someAt(match.right, k), results, steps);
    case 'OR':
      keepWhere(match.left, () => true, results, steps);
      return keepWhere(match.right, (k) => !someAt(match.left, k), results, steps);
    default:
      return node.group ? manyToOne(match, node, node.group, results, steps) : oneToOne(match, node, results, steps);
  }
}

function someAt(series: readonly SeriesView[], step: number): boolean {
  return series.some(({ present }) => present[step] === 1);
}

function keepWhere(
  series: readonly SeriesView[],
  test: (step: number) => boolean,
  results: Results,
  steps: number,
): void {
  for (const source of series) {
    const { labels, values, present } = source;
    const result = results.of(labels, source);
    for (let k = 0; k < steps; k++) {
      if (present[k] === 0 || !test(k)) continue;
      result.values[k] = values[k]!;
      result.present[k] = 1;
    }
  }
}

function oneToOne({ left, right }: Match, node: Join, results: Results, steps: number): void {
  const targets = new Map<SeriesView, SeriesView>();
  for (let k = 0; k < steps; k++) {
    const r = only(right, k, () => duplicate('right', right, node));
    const l = only(left, k, () => (r ? raise('bad-request', MANY_TO_ONE) : undefined));
    if (!l || !r) continue;
    const value = apply(node, l.values[k]!, r.values[k]!);
    if (value === undefined) continue;
    const target = getOrCreate(targets, l, () => results.of(resultLabels(l.labels, node), l));
    put(target, k, value, MANY_TO_ONE);
  }
}

function manyToOne(match: Match, node: Join, group: NonNullable<Join['group']>, results: Results, steps: number): void {
  const many = group.side === 'left' ? match.left : match.right;
  const one = group.side === 'left' ? match.right : match.left;
  const targetsOf = new Map<SeriesView, Map<SeriesView, SeriesView>>();
  for (let k = 0; k < steps; k++) {
    const single = only(one, k, () => duplicate(group.side === 'left' ? 'right' : 'left', one, node));
    if (!single) continue;
    const targets = getOrCreate(targetsOf, single, () => new Map<SeriesView, SeriesView>());
    for (const series of many) {
      if (series.present[k] === 0) continue;
      const [l, r] = group.side === 'left' ? [series, single] : [single, series];
      const value = apply(node, l.values[k]!, r.values[k]!);
      if (value === undefined) continue;
      const target = getOrCreate(targets, series, () =>
        results.of(includeLabels(series.labels, single.labels, group.include), series),
      );
      put(target, k, value, 'multiple matches for labels: grouping labels must ensure unique matches');
    }
  }
}

const MANY_TO_ONE = 'multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)';

/** Two writers of one cell mean that the labels asked for do not tell the matches apart. */
function put(target: SeriesView, step: number, value: number, clash: string): void {
  if (target.present[step] === 1) raise('bad-request', clash);
  target.values[step] = value;
  target.present[step] = 1;
}

/** The one series with a sample at the step; `onMany` decides when there are several. */
function only(series: readonly SeriesView[], step: number, onMany: () => void): SeriesView | undefined {
  let found: SeriesView | undefined;
  for (const candidate of series) {
    if (candidate.present[step] === 0) continue;
    if (found) onMany();
    found = candidate;
  }
  return found;
}

function duplicate(side: 'left' | 'right', series: readonly SeriesView[], node: Join): never {
  const labels = formatLabels(matchingLabels(series[0]!.labels, node.matching));
  raise(
    'bad-request',
    `found duplicate series on the ${side} hand-side;many-to-many matching not allowed: matching labels must be unique on one side: ${labels}`,
  );
}

/** Undefined when a comparison without bool does not hold; it passes the left sample, whosever labels stay (A81). */
function apply(node: Join, left: number, right: number): number | undefined {
  const result = calculate(node.operation, left, right);
  if (!isComparison(node.operation) || node.bool) return result;
  return result === 0 ? undefined : left;
}

function resultLabels(labels: Labels, { matching }: Join): Labels {
  switch (matching.kind) {
    case 'on':
    case 'ignoring':
      return labelsOf(matchingLabels(labels, matching));
    default:
      return unreachable(matching.kind);
  }
}

function includeLabels(many: Labels, one: Labels, include: readonly string[]): Labels {
  const names = new Set(include);
  return labelsOf([
    ...many.filter(([name]) => !names.has(name)),
    ...include.map((name) => [name, labelValue(one, name)] as const),
  ]);
}

/** Results by label set. */
class Results {
  readonly #series: SeriesView[] = [];
  readonly #steps: number;
  readonly #byKey = new Map<string, SeriesView>();
  /** Place of each input, and of each result that of the input it was first made from. */
  readonly #place: Map<SeriesView, number>;

  constructor(steps: number, inputs: readonly SeriesView[]) {
    this.#steps = steps;
    this.#place = new Map(inputs.map((series, i) => [series, i]));
  }

  /** In the order of the inputs, which may be sorted. */
  inOrder(): readonly SeriesView[] {
    return this.#series.sort((a, b) => this.#place.get(a)! - this.#place.get(b)!);
  }

  of(labels: Labels, source: SeriesView): SeriesView {
    const key = labelsKey(labels);
    let series = this.#byKey.get(key);
    if (!series) {
      series = { labels, values: new Float64Array(this.#steps), present: new Uint8Array(this.#steps) };
      this.#byKey.set(key, series);
      this.#place.set(series, this.#place.get(source)!);
      this.#series.push(series);
    }
    return series;
  }
}
