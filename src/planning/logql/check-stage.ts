import { parseIpMatcher } from '../extract/ip.js';
import { parseJsonPath, parseLogfmtKey } from '../extract/json-path.js';
import { parseLinePattern } from '../extract/pattern.js';
import { checkRegex } from '../regex/syntax.js';
import { parseTemplate } from '../template/parse.js';
import type { Expr, LabelExtraction, LabelFilter, LabelFormat, LineFilter, LogExpr, Stage, Unwrap } from './ast.js';
import { isLabelName } from './check-parser.js';
import { messageOf, parseError } from './error.js';
import { printLabelFilter, printStage } from './print-stage.js';
import { walkExpr } from './walk.js';

/**
 * Refuses stages that parse but could never run: regular expressions, templates, paths and addresses that are none.
 * Throws a LogQLError such as `parse error : stage '|~ "("' : error parsing regexp: …`.
 */
export function checkStages(root: Expr): void {
  walkExpr(root, (expr) => {
    if (expr.kind === 'log') checkLog(expr);
    if (expr.kind !== 'range-aggregation') return;
    checkLog(expr.range.log);
    if (expr.range.unwrap !== undefined) checkUnwrap(expr.range.unwrap);
  });
}

function checkLog({ stages }: LogExpr): void {
  for (let i = 0; i < stages.length; i++) {
    const stage = stages[i]!;
    // Line filters in a row are one stage to Loki, and it prints them together.
    const text = (): string => (stage.kind === 'line-filter' ? printRun(stages, i) : printStage(stage));
    within(text, () => checkStage(stage));
  }
}

function printRun(stages: readonly Stage[], at: number): string {
  let start = at;
  while (stages[start - 1]?.kind === 'line-filter') start--;
  let end = at;
  while (stages[end]?.kind === 'line-filter') end++;
  return stages.slice(start, end).map(printStage).join(' ');
}

function within(stage: () => string, check: () => void): void {
  try {
    check();
  } catch (error) {
    throw parseError(`stage '${stage()}' : ${messageOf(error)}`);
  }
}

function checkUnwrap({ filters }: Unwrap): void {
  for (const filter of filters) {
    within(
      () => `| ${printLabelFilter(filter)}`,
      () => checkLabelFilter(filter),
    );
  }
}

/** Nothing can be wrong with the other stages: those with a parser of their own are checked while parsing. */
function checkStage(stage: Stage): void {
  if (stage.kind === 'line-filter') checkLineFilter(stage);
  else if (stage.kind === 'json') for (const one of stage.extractions) checkExtraction(one, parseJsonPath);
  else if (stage.kind === 'logfmt') for (const one of stage.extractions) checkExtraction(one, parseLogfmtKey);
  else if (stage.kind === 'label-filter') checkLabelFilter(stage.filter);
  else if (stage.kind === 'line-format') checkTemplate('line', stage.template, 'invalid line template');
  else if (stage.kind === 'label-format') checkLabelFormats(stage.formats);
}

function checkLineFilter({ op, operands }: LineFilter): void {
  for (const { kind, value } of operands) {
    if (kind === 'ip') {
      if (op !== '|=' && op !== '!=') throw new Error('ip: invalid operation');
      parseIpMatcher(value);
    } else if (op === '|~' || op === '!~') {
      const fault = checkRegex(value);
      if (fault !== null) throw new Error(fault);
    } else if (op === '|>' || op === '!>') {
      parseLinePattern(value);
    }
  }
}

function checkExtraction({ name, expression }: LabelExtraction, parse: (expression: string) => unknown): void {
  try {
    parse(expression);
  } catch (error) {
    throw new Error(`cannot parse expression [${expression}]: ${messageOf(error)}`);
  }
  if (!isLabelName(name)) throw new Error(`invalid extracted label name '${name}'`);
}

function checkLabelFilter(filter: LabelFilter): void {
  if (filter.kind === 'ip') parseIpMatcher(filter.value);
  if (filter.kind !== 'and' && filter.kind !== 'or') return;
  checkLabelFilter(filter.left);
  checkLabelFilter(filter.right);
}

function checkLabelFormats(formats: readonly LabelFormat[]): void {
  const seen = new Set<string>();
  for (const { name } of formats) {
    if (name === '__error__') throw new Error(`${name} cannot be formatted`);
    if (seen.has(name)) throw new Error(`multiple label name '${name}' not allowed in a single format operation`);
    seen.add(name);
  }
  for (const format of formats) {
    if (format.kind === 'template')
      checkTemplate('label', format.template, `invalid template for label '${format.name}'`);
  }
}

function checkTemplate(name: string, text: string, failure: string): void {
  try {
    parseTemplate(name, text);
  } catch (error) {
    throw new Error(`${failure}: ${messageOf(error)}`);
  }
}
