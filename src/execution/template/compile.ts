import type { Template } from '../../planning/template/ast.js';
import { wellFormed } from '../../wire/go-string.js';
import { ActionCompiler } from './actions.js';
import type { TemplateContext } from './context.js';
import { compileFast } from './fast.js';
import { State } from './state.js';
import { LabelsValue } from './value.js';

export interface TemplateOptions {
  /** Nanoseconds since the epoch, for `now`; without it `now` fails. */
  readonly now?: () => bigint;
}

/** A template ready to run over many lines. Not re-entrant. */
export interface CompiledTemplate {
  /** The output for one entry. Throws a TemplateError with Go's message when execution fails. */
  run(context: TemplateContext): string;
}

/** Compiles a template into closures, once a query. */
export function compileTemplate(template: Template, options: TemplateOptions = {}): CompiledTemplate {
  const body = new ActionCompiler(template).body(template.root);
  const full = (context: TemplateContext): string => {
    const state = new State(template, context, options.now);
    body(state, new LabelsValue(context));
    return wellFormed(state.out);
  };
  const fast = compileFast(template);
  if (fast === null) return { run: full };
  // What the fast path does not expect the full one does again: it alone knows where an error is.
  return { run: (context) => fast(context) ?? full(context) };
}
