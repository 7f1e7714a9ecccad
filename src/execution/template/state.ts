import type { Node, Template } from '../../planning/template/ast.js';
import { printNode } from '../../planning/template/print.js';
import { quoteGoString } from '../../wire/go-quote.js';
import { goLength, wellFormed } from '../../wire/go-string.js';
import type { TemplateContext } from './context.js';
import { TemplateError } from './error.js';
import type { Run } from './functions/function.js';
import { templateDepthMax, templateOutputMax, templateWorkMax } from './limits.js';
import type { Value } from './value.js';

/** One run of a template over one line. */
export class State implements Run {
  readonly context: TemplateContext;
  out = '';
  /** Where an error would be: set on the way as Go does, which decides what its message quotes. */
  node: Node;
  /** The template being executed, as errors call it: the name of a `define` inside one. */
  name: string;
  /** Variables by slot; slot 0 is `$`. */
  variables: Value[] = [];
  private readonly template: Template;
  private readonly clock: (() => bigint) | undefined;
  private work = 0;
  private depth = 0;

  constructor(template: Template, context: TemplateContext, clock: (() => bigint) | undefined) {
    this.template = template;
    this.name = template.name;
    this.node = template.root;
    this.context = context;
    this.clock = clock;
  }

  now(): bigint {
    if (this.clock === undefined) throw new Error('no clock');
    return this.clock();
  }

  write(text: string): void {
    this.out += text;
    if (this.out.length > templateOutputMax) this.fail(`output exceeds ${templateOutputMax} characters`);
  }

  /** Pays for work; a line that costs too much fails. */
  charge(work: number): void {
    this.work += work;
    if (this.work > templateWorkMax) this.fail('too much work for one line');
  }

  enter(): void {
    if (this.depth === templateDepthMax) this.fail(`exceeded maximum template depth (${templateDepthMax})`);
    this.depth++;
  }

  leave(): void {
    this.depth--;
  }

  /** Throws what Go's exec error says: `template: line:1:3: executing "line" at <.a.b>: …`. */
  fail(message: string): never {
    const { text } = this.template;
    const before = text.slice(0, this.node.at);
    const lineStart = before.lastIndexOf('\n') + 1;
    const line = before.split('\n').length;
    const column = goLength(before.slice(lineStart));
    const place = `${this.template.name}:${line}:${column}`;
    const name = quoteGoString(this.name);
    const where = `${place}: executing ${name} at <${printNode(this.node)}>`;
    throw new TemplateError(wellFormed(`template: ${where}: ${message}`));
  }
}

/** A compiled expression. */
export type Evaluate = (state: State, dot: Value) => Value;

/** A compiled command; `final` is the value piped into it. */
export type Command = (state: State, dot: Value, final: Value) => Value;
