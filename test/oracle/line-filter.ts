import type { LineFilter, LineFilterOp } from '../../src/planning/logql/ast.js';
import { anyAddress, ipTest } from './ip.js';
import { contains } from './regex.js';

/** A33-A38: any of the operands for a positive operator, none of them for a negative one. */
export function keepsLine({ op, operands }: LineFilter, line: string): boolean {
  const isAlwaysTrue = (value: string): boolean => value === '' || (op.endsWith('~') && value === '.*');
  const counts = operands.filter(
    ({ kind, value }) => kind === 'ip' || op.startsWith('!') || op.endsWith('>') || !isAlwaysTrue(value),
  );
  const any = (counts.length > 0 ? counts : operands).some(({ kind, value }) =>
    kind === 'ip' ? anyAddress(line, ipTest(value)) : matches(op, value, line),
  );
  return op.startsWith('!') ? !any : any;
}

function matches(op: LineFilterOp, value: string, line: string): boolean {
  if (op === '|=' || op === '!=') return line.includes(value);
  if (op === '|~' || op === '!~') return contains(value, line);
  return matchesPattern(value, line);
}

/** A37: literals in order, each at its first occurrence; what a wildcard stands for is not empty. */
function matchesPattern(pattern: string, line: string): boolean {
  if (pattern === '') return line === '';
  const nodes = pattern.split(/(<_>)/).filter((node) => node !== '');
  let rest = line;
  nodes.forEach((node, i) => {
    if (node === '<_>' || rest === NO_MATCH) return;
    const at = rest.indexOf(node);
    rest = at < 0 || (at === 0 && i > 0) ? NO_MATCH : rest.slice(at + node.length);
  });
  if (rest === NO_MATCH) return false;
  return nodes.at(-1) === '<_>' ? rest !== '' : rest === '';
}

const NO_MATCH = '\0no match\0';
