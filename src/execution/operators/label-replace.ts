import type { RE2JS } from 're2js';
import type { LabelReplace } from '../../planning/physical/node.js';
import { compileRe2 } from '../../planning/regex/syntax.js';
import { labelsOf, labelValue } from '../../wire/labels.js';
import type { SampleBatch } from '../batch/sample-batch.js';
import type { Pipeline } from '../pipeline.js';

/**
 * label_replace (A85): the expression is anchored, and its dot stops at a newline; a replacement that comes out empty
 * removes the label.
 */
export async function* labelReplace(input: Pipeline<SampleBatch>, node: LabelReplace): Pipeline<SampleBatch> {
  const pattern = compileRe2(`^(?:${node.pattern})$`);
  for await (const batch of input) {
    const series = batch.series.map((labels) => {
      const matcher = pattern.matcher(labelValue(labels, node.source));
      if (!matcher.matches()) return labels;
      const value = expand(node.replacement, (group) => matcher.group(group) ?? '', pattern);
      return labelsOf([...labels.filter(([name]) => name !== node.destination), [node.destination, value]]);
    });
    yield { ...batch, series };
  }
}

const REFERENCE = /\$(?:(\$)|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu;

/** Go's Regexp.Expand: `$1`, `${1}`, `$name`, `${name}`, `$$`; an unknown group is empty, and `01` is no number. */
export function expand(template: string, group: (index: number) => string, pattern: RE2JS): string {
  const names = pattern.namedGroups();
  return template.replace(REFERENCE, (_, dollar: string, braced: string, plain: string) => {
    if (dollar) return '$';
    const name = braced ?? plain;
    if (/^(?:0|[1-9]\d*)$/.test(name)) return Number(name) <= pattern.groupCount() ? group(Number(name)) : '';
    const index: unknown = names[name];
    return typeof index === 'number' ? group(index) : '';
  });
}
