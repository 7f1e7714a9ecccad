import { parsePattern } from '../extract/pattern.js';
import { checkRegex, namedGroups } from '../regex/syntax.js';
import { messageOf, parseError } from './error.js';

/** What Prometheus calls a label name; extracted labels must be ones. */
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

export function isLabelName(name: string): boolean {
  return LABEL_NAME.test(name);
}

/** `| regexp "…"` needs named captures, each once. Throws a LogQLError. */
export function checkRegexpStage(pattern: string): void {
  const fault = regexpStageFault(pattern);
  if (fault !== null) throw parseError(`invalid regexp parser: ${fault}`);
}

function regexpStageFault(pattern: string): string | null {
  const fault = checkRegex(pattern);
  if (fault !== null) return fault;
  const seen = new Set<string>();
  for (const name of namedGroups(pattern)) {
    if (name === '') continue;
    if (!isLabelName(name)) return `invalid extracted label name '${name}'`;
    if (seen.has(name)) return `duplicate extracted label name '${name}'`;
    seen.add(name);
  }
  return seen.size === 0 ? 'at least one named capture must be supplied' : null;
}

/** `| pattern "…"`. Throws a LogQLError. */
export function checkPatternStage(pattern: string): void {
  try {
    parsePattern(pattern);
  } catch (error) {
    throw parseError(`invalid pattern parser: ${messageOf(error)}`);
  }
}
