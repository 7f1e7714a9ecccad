/** One row after the other through the stages of a pipeline, as plain objects. */
import type { LabelFormatStage, LabelPick, Stage } from '../../src/planning/logql/ast.js';
import { unreachable } from '../../src/wire/exhaustive.js';
import { keepsRow } from './label-filter.js';
import { DETAILS, ERROR, type RowLabels } from './labels.js';
import { keepsLine } from './line-filter.js';
import { matchesStream } from './matcher.js';
import { parseJson, parseLogfmt, parsePattern, parseRegexp, unpack } from './parsers.js';
import { renderTemplate, TemplateError } from './template.js';

/** The line after all stages; undefined when one of them drops the row. `isLineWanted`: what the line is at the end matters. */
export function runStages(
  stages: readonly Stage[],
  line: string,
  labels: RowLabels,
  isLineWanted = true,
): string | undefined {
  let current: string | undefined = line;
  const ordered = filtersFirst(stages);
  for (const [i, stage] of ordered.entries()) {
    const isDone = labels.hints.noLabels || labels.isComplete;
    // A line that somebody reads is unpacked, whatever becomes of its labels (A53 says nothing of that).
    if (stage.kind === 'unpack' && isDone && !isLineWanted && !ordered.slice(i + 1).some(readsLine)) continue;
    current = runStage(stage, current, labels);
    if (current === undefined) return undefined;
  }
  return current;
}

/** Whether the stage makes labels or conditions of the line. */
export function readsLine({ kind }: Stage): boolean {
  return ['line-filter', 'json', 'logfmt', 'regexp', 'pattern', 'unpack'].includes(kind);
}

/** A39: line filters come first among the stages between two that make a new line. Decolorize is not one of those. */
function filtersFirst(stages: readonly Stage[]): Stage[] {
  const isBarrier = ({ kind }: Stage): boolean => kind === 'line-format' || kind === 'unpack';
  const end = stages.findIndex(isBarrier) + 1 || stages.length;
  const part = stages.slice(0, end);
  const isFilter = ({ kind }: Stage): boolean => kind === 'line-filter';
  const ordered = [...part.filter(isFilter), ...part.filter((stage) => !isFilter(stage))];
  return end < stages.length ? [...ordered, ...filtersFirst(stages.slice(end))] : ordered;
}

function runStage(stage: Stage, line: string, labels: RowLabels): string | undefined {
  switch (stage.kind) {
    case 'line-filter':
      return keepsLine(stage, line) ? line : undefined;
    case 'label-filter':
      return keepsRow(stage.filter, labels) ? line : undefined;
    case 'unpack':
      return unpack(line, labels);
    case 'line-format':
      return formatted(stage.template, line, labels, labels.all()) ?? line;
    case 'decolorize':
      return line.replace(/\x1b\[[0-9;]*[A-Za-z]/g, '');
    default:
      changeLabels(stage, line, labels);
      return line;
  }
}

type LabelStage = Exclude<Stage, { kind: 'line-filter' | 'label-filter' | 'unpack' | 'line-format' | 'decolorize' }>;

function changeLabels(stage: LabelStage, line: string, labels: RowLabels): void {
  switch (stage.kind) {
    case 'json':
      return parseJson(stage, line, labels);
    case 'logfmt':
      return parseLogfmt(stage, line, labels);
    case 'regexp':
      return parseRegexp(stage.pattern, line, labels);
    case 'pattern':
      return parsePattern(stage.pattern, line, labels);
    case 'label-format':
      return formatLabels(stage, line, labels);
    case 'drop':
      for (const pick of stage.labels) drop(pick, labels);
      return;
    case 'keep':
      return keep(stage.labels, labels);
    default:
      return unreachable(stage);
  }
}

function formatted(
  template: string,
  line: string,
  labels: RowLabels,
  data: ReadonlyMap<string, string>,
): string | undefined {
  try {
    return renderTemplate(template, { labels: data, line });
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    labels.fail('TemplateFormatErr', error.message);
    return undefined;
  }
}

/** A64: all templates of a stage see the labels as they are when the first of them runs. */
function formatLabels({ formats }: LabelFormatStage, line: string, labels: RowLabels): void {
  let data: ReadonlyMap<string, string> | undefined;
  for (const format of formats) {
    if (format.kind === 'rename') {
      const value = labels.get(format.source);
      if (value === undefined) continue;
      labels.set(format.name, value);
      labels.delete(format.source);
      continue;
    }
    data ??= labels.all();
    const value = formatted(format.template, line, labels, data);
    if (value !== undefined) labels.set(format.name, value);
  }
}

/** A68. */
function drop(pick: LabelPick, labels: RowLabels): void {
  const name = typeof pick === 'string' ? pick : pick.name;
  const value = name === ERROR ? labels.error : name === DETAILS ? labels.details : (labels.get(name) ?? '');
  if (typeof pick !== 'string' && !matchesStream(pick, value)) return;
  if (name === ERROR) labels.error = '';
  else if (name === DETAILS) labels.details = '';
  else labels.delete(name);
}

function keep(picks: readonly LabelPick[], labels: RowLabels): void {
  for (const [name, value] of labels.all()) {
    if (name === ERROR || name === DETAILS) continue;
    const isKept = picks.some((pick) =>
      typeof pick === 'string' ? pick === name : pick.name === name && matchesStream(pick, value),
    );
    if (!isKept) labels.delete(name);
  }
}
