import type { StreamMatcher } from '../../storage/metastore/types.js';
import { getOrCreate } from '../../wire/get-or-create.js';
import { type Labels, labelValue } from '../../wire/labels.js';

const NONE: readonly number[] = [];

/** Inverted index of the streams of one tenant in one memtable: label name, then value, then stream ids ascending. */
export class LabelIndex {
  readonly #postings = new Map<string, Map<string, number[]>>();
  readonly #labels: Labels[] = [];

  /** Ids are given in order from 0. */
  add(labels: Labels): number {
    const id = this.#labels.push(labels) - 1;
    for (const [name, value] of labels) {
      const values = getOrCreate(this.#postings, name, () => new Map<string, number[]>());
      getOrCreate(values, value, () => []).push(id);
    }
    return id;
  }

  /** Ids of the streams that satisfy all matchers, ascending. */
  match(matchers: readonly StreamMatcher[]): number[] {
    const exact = matchers.filter((matcher) => matcher.op === '=' && matcher.value !== '');
    const lists = exact.map(({ name, value }) => this.#postings.get(name)?.get(value) ?? NONE);
    const candidates = lists.length > 0 ? lists.reduce((a, b) => (b.length < a.length ? b : a)) : this.#labels.keys();
    const tests = matchers.map(remembered);
    const found: number[] = [];
    for (const id of candidates) {
      const labels = this.#labels[id]!;
      if (tests.every((test) => test(labels))) found.push(id);
    }
    return found;
  }
}

/** A matcher over label sets that asks about each distinct value once: few values, many streams, slow patterns. */
function remembered(matcher: StreamMatcher): (labels: Labels) => boolean {
  const verdicts = new Map<string, boolean>();
  return (labels) => getOrCreate(verdicts, labelValue(labels, matcher.name), (value) => matcher.matches(value));
}
