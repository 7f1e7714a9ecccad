import type { Stage } from '../logql/ast.js';

/**
 * Moves line filters in front of the parsers and formats they follow, so that lines that are dropped anyway are never
 * parsed. The answer stays the same as long as no stage in between changes the line: all other stages never drop a
 * line and never look at which lines follow. Filters that open a pipeline keep their order.
 */
export function hoistLineFilters(stages: readonly Stage[]): readonly Stage[] {
  const out: Stage[] = [];
  let segment: Stage[] = [];
  for (const stage of stages) {
    segment.push(stage);
    if (!changesLine(stage)) continue;
    out.push(...hoistWithin(segment));
    segment = [];
  }
  out.push(...hoistWithin(segment));
  return out;
}

function hoistWithin(segment: readonly Stage[]): readonly Stage[] {
  const leading = leadingFilters(segment);
  const rest = segment.slice(leading);
  const isLineFilter = (stage: Stage): boolean => stage.kind === 'line-filter';
  return [...segment.slice(0, leading), ...rest.filter(isLineFilter), ...rest.filter((stage) => !isLineFilter(stage))];
}

/** How many stages at the start only filter. */
export function leadingFilters(stages: readonly Stage[]): number {
  const end = stages.findIndex((stage) => stage.kind !== 'line-filter' && stage.kind !== 'label-filter');
  return end === -1 ? stages.length : end;
}

/** `decolorize` changes the line too, but Loki looks for the text before it takes the colours off. */
function changesLine(stage: Stage): boolean {
  return stage.kind === 'line-format' || stage.kind === 'unpack';
}
