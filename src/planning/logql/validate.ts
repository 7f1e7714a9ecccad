import { unreachable } from '../../wire/exhaustive.js';
import { formatGoFloat } from '../../wire/go-number.js';
import { checkRegex, matchesEmpty } from '../regex/syntax.js';
import type { Expr, LabelReplaceExpr, Matcher, RangeAggregationExpr, VectorAggregationExpr } from './ast.js';
import { parseError } from './error.js';
import { RANGE_FUNCTIONS } from './range-functions.js';
import { walkExpr } from './walk.js';

/** Says no to what parses but means nothing. Throws a LogQLError. */
export function validateExpr(root: Expr): void {
  walkExpr(root, (expr) => {
    switch (expr.kind) {
      case 'log':
        return validateSelector(expr.matchers);
      case 'range-aggregation':
        validateRangeAggregation(expr);
        return validateSelector(expr.range.log.matchers);
      case 'vector-aggregation':
        return validateSort(expr);
      case 'label-replace':
        return validateLabelReplace(expr);
      case 'binary':
      case 'literal':
      case 'vector':
        return;
      default:
        return unreachable(expr);
    }
  });
}

/** A selector must name something: one of its matchers has to refuse the empty value. */
export function validateSelector(matchers: readonly Matcher[]): void {
  if (matchers.every(matchesEmptyValue)) {
    throw parseError(
      'queries require at least one regexp or equality matcher that does not have an empty-compatible value. ' +
        'For instance, app=~".*" does not meet this requirement, but app=~".+" will',
    );
  }
}

function matchesEmptyValue({ op, value }: Matcher): boolean {
  switch (op) {
    case '=':
      return value === '';
    case '!=':
      return value !== '';
    case '=~':
      return matchesEmpty(value);
    case '!~':
      return !matchesEmpty(value);
    default:
      return unreachable(op);
  }
}

function validateRangeAggregation({ op, range, grouping, parameter }: RangeAggregationExpr): void {
  const rules = RANGE_FUNCTIONS[op];
  if (grouping !== undefined && !rules.grouping) throw parseError(`grouping not allowed for ${op} aggregation`);
  const unwraps = range.unwrap !== undefined;
  if (unwraps && rules.over === 'lines') throw parseError(`invalid aggregation ${op} with unwrap`);
  if (!unwraps && rules.over === 'samples') throw parseError(`invalid aggregation ${op} without unwrap`);
  if (rules.parameter && parameter === undefined) throw parseError(`parameter required for operation ${op}`);
  if (!rules.parameter && parameter !== undefined) {
    throw parseError(`parameter ${formatGoFloat(parameter)} not supported for operation ${op}`);
  }
}

function validateSort({ op, grouping }: VectorAggregationExpr): void {
  const sorts = op === 'sort' || op === 'sort_desc';
  if (sorts && grouping !== undefined && grouping.labels.length > 0) {
    throw parseError("sort and sort_desc doesn't allow grouping by ");
  }
}

function validateLabelReplace({ pattern }: LabelReplaceExpr): void {
  const fault = checkRegex(`^(?:${pattern})$`);
  if (fault !== null) throw parseError(`invalid regex in label_replace: ${fault}`);
}
