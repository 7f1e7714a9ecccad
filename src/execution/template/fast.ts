import type {
  CommandNode,
  IdentifierNode,
  ListNode,
  OperandNode,
  PipeNode,
  Template,
} from '../../planning/template/ast.js';
import { wellFormed } from '../../wire/go-string.js';
import { fits, literal, Mistake, plainLiteral } from './argument.js';
import type { TemplateContext } from './context.js';
import { formatPlain } from './fmt/value.js';
import { type Callable, invoke, type ParamType, type Run } from './functions/function.js';
import { findFunction } from './functions/table.js';
import { templateOutputMax } from './limits.js';
import { type Int, isTrue, unbox, type Value } from './value.js';

/**
 * Most templates are text, labels, functions and conditions, without variables, loops or methods. They compile to plain
 * closures over the entry, with no bookkeeping for error texts and bounds on work. Whatever they do not expect, an
 * argument of another type or a function that fails, they leave to the full evaluator by giving up.
 */
type Piece = (run: Run) => Value;

/** Returns null when it gives up on a line. */
export type FastTemplate = (context: TemplateContext) => string | null;

/** Null when the template needs the full evaluator. */
export function compileFast(template: Template): FastTemplate | null {
  const compiler = new FastCompiler();
  const render = compiler.list(template.root);
  if (render === null) return null;
  const run = new FastRun();
  return (context) => {
    run.context = context;
    try {
      const out = render(run);
      if (out.length > templateOutputMax) return null;
      return compiler.makesStrayBytes ? wellFormed(out) : out;
    } catch {
      return null; // the full evaluator says why
    }
  };
}

class FastRun implements Run {
  context!: TemplateContext;

  now(): bigint {
    throw GIVE_UP;
  }
}

const GIVE_UP = new Error('not a simple case');

/** Functions that cut texts at bytes or make any bytes. */
const STRAY_BYTES: ReadonlySet<string> = new Set(['trunc', 'substr', 'slice', 'b64dec', 'urldecode', 'fromJson']);

class FastCompiler {
  makesStrayBytes = false;

  list(list: ListNode): ((run: Run) => string) | null {
    const pieces: Piece[] = [];
    for (const node of list.nodes) {
      const piece = this.action(node);
      if (piece === null) return null;
      pieces.push(piece);
    }
    return (run) => {
      let out = '';
      for (let i = 0; i < pieces.length; i++) {
        const value = pieces[i]!(run);
        out += typeof value === 'string' ? value : value === undefined ? '<no value>' : formatPlain(value);
      }
      return out;
    };
  }

  private action(node: ListNode['nodes'][number]): Piece | null {
    switch (node.kind) {
      case 'text': {
        return this.constant(node.text);
      }
      case 'print':
        return this.pipe(node.pipe);
      case 'if': {
        const condition = this.pipe(node.pipe);
        const list = this.list(node.list);
        const otherwise = node.elseList === null ? () => '' : this.list(node.elseList);
        if (condition === null || list === null || otherwise === null) return null;
        return (run) => (isTrue(condition(run)) ? list(run) : otherwise(run));
      }
      default:
        return null;
    }
  }

  private pipe(node: PipeNode): Piece | null {
    if (node.declarations.length > 0) return null;
    let piece: Piece | null = null;
    for (const [i, command] of node.commands.entries()) {
      piece = this.command(command, i === 0 ? null : piece);
      if (piece === null) return null;
    }
    return piece;
  }

  private command(node: CommandNode, final: Piece | null): Piece | null {
    const [first, ...args] = node.args;
    if (first?.kind === 'identifier') return this.call(first, args, final);
    if (args.length > 0 || final !== null) return null;
    return this.operand(first!);
  }

  private operand(node: OperandNode): Piece | null {
    switch (node.kind) {
      case 'field': {
        const [name, ...rest] = node.names;
        return rest.length === 0 ? (run) => run.context.get(name!) : null;
      }
      case 'pipe':
        return this.pipe(node);
      case 'identifier':
        return this.call(node, [], null);
      case 'string':
      case 'number':
      case 'bool':
        return this.constant(plainLiteral(node));
      default:
        return null;
    }
  }

  private constant(value: Value | Mistake): Piece | null {
    if (typeof value === 'object' && value instanceof Mistake) return null;
    this.makesStrayBytes ||= typeof value === 'string' && wellFormed(value) !== value;
    return () => value;
  }

  private call(node: IdentifierNode, args: readonly OperandNode[], final: Piece | null): Piece | null {
    if (node.name === '__line__' && args.length === 0 && final === null) return (run) => run.context.line();
    if (node.name === 'and' || node.name === 'or') return this.shortCircuit(node.name === 'or', args, final);
    const callee = findFunction(node.name);
    const count = args.length + (final === null ? 0 : 1);
    if (callee === undefined || count < callee.params.length) return null;
    if (callee.rest === null && count > callee.params.length) return null;
    const pieces = args.map((arg, i) => this.argument(arg, callee.params[i] ?? callee.rest!));
    if (final !== null) pieces.push(checked(final, callee.params[count - 1] ?? callee.rest!));
    this.makesStrayBytes ||= STRAY_BYTES.has(node.name);
    return pieces.every((piece) => piece !== null) ? application(callee, pieces) : null;
  }

  private argument(node: OperandNode, type: ParamType): Piece | null {
    if (node.kind === 'string' || node.kind === 'number' || node.kind === 'bool') {
      return this.constant(literal(node, type));
    }
    const piece = this.operand(node);
    return piece === null ? null : checked(piece, type);
  }

  private shortCircuit(stopsAt: boolean, args: readonly OperandNode[], final: Piece | null): Piece | null {
    const pieces = args.map((arg) => this.argument(arg, 'reflect.Value'));
    if (final !== null) pieces.push(final);
    if (pieces.length === 0 || !pieces.every((piece) => piece !== null)) return null;
    return (run) => {
      let value: Value;
      for (const piece of pieces) {
        value = piece(run);
        if (isTrue(value) === stopsAt) break;
      }
      return value;
    };
  }
}

/** Gives up on values that do not fit as they are. */
function checked(piece: Piece, type: ParamType): Piece {
  if (type === 'interface {}' || type === 'reflect.Value') return piece;
  if (type === 'string') {
    return (run) => {
      const value = piece(run);
      if (typeof value !== 'string') throw GIVE_UP;
      return value;
    };
  }
  return (run) => {
    const value = piece(run);
    if (value === undefined || !fits(value, type)) throw GIVE_UP;
    return type === 'int' ? Number((value as Int).value) : value;
  };
}

function application(callee: Callable, pieces: readonly Piece[]): Piece {
  const [first, second, third] = pieces;
  const { apply } = callee;
  if (callee.takesRun || pieces.length > 3) {
    return (run) =>
      unbox(
        invoke(
          callee,
          pieces.map((piece) => piece(run)),
          run,
        ),
      );
  }
  if (third !== undefined) return (run) => unbox(apply(first!(run), second!(run), third(run)));
  if (second !== undefined) return (run) => unbox(apply(first!(run), second(run)));
  if (first !== undefined) return (run) => unbox(apply(first(run)));
  return () => unbox(apply());
}
