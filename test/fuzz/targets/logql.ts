import { readFileSync } from 'node:fs';
import { explainPlan } from '../../../src/planning/explain.js';
import type { Expr } from '../../../src/planning/logql/ast.js';
import { LogQLError } from '../../../src/planning/logql/error.js';
import { parseLogQL } from '../../../src/planning/logql/parser.js';
import { prettyPrint } from '../../../src/planning/logql/prettify.js';
import { printExpr } from '../../../src/planning/logql/print.js';
import { planQuery } from '../../../src/planning/plan.js';
import { selectorsOf } from '../../../src/planning/selectors.js';
import { countingIds, parametersOf, sections } from '../../support/plan-case.js';
import type { SeededRandom } from '../../support/random.js';
import { mutatedText, randomText } from '../mutate.js';
import { accepts, type FuzzTarget } from '../target.js';

const QUERIES = readFileSync(new URL('../../../src/planning/logql/accepted.golden.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '');

const PIECES = [
  ...['{a="b"}', '{a=~"x|y"}', ' | json', ' | logfmt', ' | json a="b.c[0]"', ' | unpack', ' | pattern "<a> <_>"'],
  ...[' | regexp "(?P<x>.+)"', ' |= "x"', ' !~ `y`', ' |> "<_> z"', ' or "w"', ' | ip("10.0.0.0/8")', ' | a > 5ms'],
  ...[' | unwrap bytes(x)', ' | line_format "{{.a}}"', ' | label_format a=b', ' | drop __error__', ' | keep a="b"'],
  ...['[5m]', ' offset 1h', ' by (a)', ' without ()', 'rate(', 'sum(', 'topk(3, ', 'quantile_over_time(0.9, ', ')'],
  ...[' + ', ' and on (a) ', ' * ignoring(b) group_left(c) ', ' == bool ', ' unless ', 'vector(1)', '-', '#c\n', '1e3'],
];

/** A text built from what queries are built from, in any order. */
function assembled(random: SeededRandom): string {
  let text = random.pick(['', 'sum(', 'count_over_time(']) + '{a="b"}';
  for (let i = random.below(12); i > 0; i--) text += random.pick(PIECES);
  return text;
}

export function anyQuery(random: SeededRandom): string {
  const kind = random.unit();
  if (kind < 0.1) return randomText(random, 60);
  if (kind < 0.3) return assembled(random);
  return kind < 0.4 ? random.pick(QUERIES) : mutatedText(random, random.pick(QUERIES), random.pick(QUERIES), PIECES);
}

const SHAPES = [{}, { step: '60' }, { step: '1', direction: 'forward', limit: '1' }, { end: '3600', targets: '0' }];

/** Every query that parses has a plan, which can be shown. */
function planned(expr: Expr, random: SeededRandom): void {
  const fields = random.pick(SHAPES);
  const parameters = parametersOf(fields);
  const snapshots = selectorsOf(expr, parameters).map(() => sections(random.below(3)));
  explainPlan(planQuery(expr, parameters, snapshots, countingIds()));
}

/** A query survives printing; the printed texts of equal queries are equal. */
function printed(expr: Expr): void {
  const text = printExpr(expr);
  for (const again of [text, prettyPrint(expr)]) {
    const back = printExpr(parseLogQL(again));
    if (back !== text) throw new TypeError(`${JSON.stringify(text)} came back as ${JSON.stringify(back)}`);
  }
}

export const logql: FuzzTarget = {
  name: 'logql',
  weight: 0.6,
  attempt(random) {
    const text = anyQuery(random);
    let expr: Expr | undefined;
    const accepted = accepts(
      () => {
        expr = parseLogQL(text);
      },
      (error) => error instanceof LogQLError,
    );
    if (expr !== undefined) {
      printed(expr);
      planned(expr, random);
    }
    return accepted;
  },
};
