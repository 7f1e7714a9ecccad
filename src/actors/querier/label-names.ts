import { compileMatchers } from '../../execution/matchers.js';
import type { Matcher } from '../../planning/logql/ast.js';
import { labelValue } from '../../wire/labels.js';
import type { TimeRange } from '../../wire/time.js';
import type { StreamSources } from './stream-parts.js';

/**
 * Names of the labels that streams of any of the selectors have, or the values of one label, of memory and objects of one
 * tenant together; sorted. Streams themselves are not listed, of which there may be very many.
 */
export async function labelNames(
  tenant: string,
  range: TimeRange,
  selectors: readonly (readonly Matcher[])[],
  of: string | undefined,
  { resolver, metastore, look, damaged, warnings }: StreamSources,
): Promise<string[]> {
  const found = new Set<string>();
  for (const matchers of selectors) {
    const { live, warnings: missing } = await resolver.live(tenant, { range, matchers }, look);
    for (const reason of missing) warnings.add(reason);
    const streams = live.flatMap(({ snapshot }) => snapshot.memtables.flatMap((memtable) => memtable.streams));
    for (const { labels } of streams) {
      if (of !== undefined) found.add(labelValue(labels, of));
      else for (const [name] of labels) found.add(name);
    }
    const compiled = compileMatchers(matchers);
    const stored = await (of === undefined
      ? metastore.labels(tenant, range, compiled)
      : metastore.values(tenant, of, range, compiled));
    damaged.push(...stored.damaged);
    for (const name of stored.names) found.add(name);
  }
  found.delete(''); // the value of streams without the label
  return [...found].sort();
}
