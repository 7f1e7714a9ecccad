import { compileTemplate } from '../../src/execution/template/compile.js';
import type { TemplateContext } from '../../src/execution/template/context.js';
import { TemplateError } from '../../src/execution/template/error.js';
import { parseTemplate } from '../../src/planning/template/parse.js';

export interface TemplateEntry {
  readonly labels?: Readonly<Record<string, string>>;
  readonly line?: string;
  readonly timestamp?: bigint;
}

/** 2026-11-01T01:58:20.607850154Z, a Sunday. */
export const NOON = 1793498300607850154n;

export function templateContext({ labels = {}, line = '', timestamp = NOON }: TemplateEntry): TemplateContext {
  return {
    get: (name) => (Object.hasOwn(labels, name) ? labels[name]! : ''),
    entries: () => Object.entries(labels),
    line: () => line,
    timestamp: () => timestamp,
  };
}

/** Forces the full evaluator, behind all else so that positions in errors stay. */
const NOT_FAST = '{{$full := 0}}';

function outcome(text: string, context: TemplateContext): string {
  const template = compileTemplate(parseTemplate('line', text), { now: () => NOON });
  try {
    return template.run(context);
  } catch (error) {
    if (error instanceof TemplateError) return `error: ${error.message}`;
    throw error;
  }
}

/** What a template prints for an entry, or `error: ` and why not; both ways to run it must agree. */
export function renderTemplate(text: string, entry: TemplateEntry = {}): string {
  const context = templateContext(entry);
  const result = outcome(text, context);
  const full = outcome(text + NOT_FAST, context);
  if (full !== result) throw new Error(`fast: ${JSON.stringify(result)}, full: ${JSON.stringify(full)}`);
  return result;
}
