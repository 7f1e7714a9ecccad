import { formatLabels } from '../../wire/labels.js';
import { CommandError } from '../command-error.js';
import type { Span } from '../time-arguments.js';
import type { Entry } from './entries.js';

export interface PageRequest extends Span {
  readonly limit: number;
}

/**
 * Entries beyond what a server returns at once, page by page. The next page begins at the last time of the one before,
 * because a page may end between entries of equal times; what comes again is left out. `limit` 0 means all.
 */
export async function* pages(
  fetchPage: (request: PageRequest) => Promise<readonly Entry[]>,
  span: Span,
  options: { readonly limit: number; readonly batch: number; readonly forward: boolean },
): AsyncGenerator<readonly Entry[], void> {
  const { limit, batch, forward } = options;
  let { start, end } = span;
  let left = limit === 0 ? Number.POSITIVE_INFINITY : limit;
  let seen = new Set<string>();
  while (left > 0) {
    // What is seen comes again and takes up room.
    const asked = Math.min(left + seen.size, batch);
    const page = await fetchPage({ start, end, limit: asked });
    const fresh = page.filter((entry) => !seen.has(identity(entry))).slice(0, left);
    if (fresh.length > 0) yield fresh;
    left -= fresh.length;
    if (page.length < asked || left <= 0) return;
    const last = page.at(-1)!.time;
    if (fresh.length === 0) throw tooManyAt(last, batch);
    seen = new Set(page.filter((entry) => entry.time === last).map(identity));
    if (seen.size >= batch) throw tooManyAt(last, batch);
    if (forward) start = last;
    else end = last + 1n;
  }
}

function identity({ time, labels, line }: Entry): string {
  return `${time}${formatLabels(labels)}${line}`;
}

function tooManyAt(time: bigint, batch: number): CommandError {
  return new CommandError(
    `more than ${batch} entries share the time ${time}; ask for more at once with --batch ${batch * 2}`,
  );
}
