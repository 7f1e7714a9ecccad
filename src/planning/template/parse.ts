import { quoteGoString, unquoteGo } from '../../wire/go-quote.js';
import type {
  ActionNode,
  BranchNode,
  CommandNode,
  Definition,
  ListNode,
  OperandNode,
  PipeNode,
  Template,
  VariableNode,
} from './ast.js';
import { TEMPLATE_FUNCTIONS } from './functions.js';
import type { Token, TokenKind } from './lexer.js';
import { parseNumber } from './number.js';
import { printNode } from './print.js';
import { TokenReader } from './token-reader.js';

/** Brackets and control structures inside each other; keeps parser and evaluator within the stack. */
export const templateNestingMax = 100;

/**
 * Parses a Go text/template. Throws an Error with Go's text, e.g. `template: line:1: function "nosuchfunc" not defined`
 * or `template: line:1: unclosed action`. A faithful port of the grammar of Go's text/template/parse.
 */
export function parseTemplate(name: string, text: string): Template {
  return new Parser(name, text).parse();
}

/** What ends a list of actions. */
type Terminator = { readonly kind: 'end'; readonly at: number } | { readonly kind: 'else'; readonly at: number };

const OPERAND_STARTS: ReadonlySet<TokenKind> = new Set<TokenKind>([
  'bool',
  'char-constant',
  'complex',
  'dot',
  'field',
  'identifier',
  'number',
  'nil',
  'raw-string',
  'string',
  'variable',
  'left-paren',
]);
const NOT_EXECUTABLE: ReadonlySet<string> = new Set(['bool', 'dot', 'nil', 'number', 'string']);

class Parser extends TokenReader {
  private variables = ['$'];
  private rangeDepth = 0;
  private depth = 0;
  private readonly definitions = new Map<string, ListNode>();

  parse(): Template {
    const root = { kind: 'list' as const, at: 0, nodes: this.topLevel() };
    this.define(this.name, root);
    const definitions = [...this.definitions].map(([name, body]): Definition => ({ name, root: body }));
    // A template that defines its own name and prints nothing else is that definition.
    return { name: this.name, text: this.text, root: this.definitions.get(this.name) ?? root, definitions };
  }

  private topLevel(): ActionNode[] {
    const nodes: ActionNode[] = [];
    while (this.peek().kind !== 'eof') {
      const token = this.next();
      if (token.kind === 'left-delimiter' && this.peekNonSpace().kind === 'define') {
        this.nextNonSpace();
        this.definition();
        continue;
      }
      this.giveBack(token);
      const node = this.textOrAction();
      if (node.kind === 'end' || node.kind === 'else') throw this.error(`unexpected {{${node.kind}}}`);
      nodes.push(node);
    }
    return nodes;
  }

  // --- Structure -----------------------------------------------------------------------------------------------------

  private nested<T>(parse: () => T): T {
    if (this.depth === templateNestingMax) throw this.error('max expression depth exceeded');
    this.depth++;
    const result = parse();
    this.depth--;
    return result;
  }

  /** Adds a template; only an empty one may be defined again. */
  private define(name: string, body: ListNode): void {
    const old = this.definitions.get(name);
    if (old === undefined || isEmpty(old)) this.definitions.set(name, body);
    else if (!isEmpty(body)) {
      throw this.error(`template: multiple definition of template ${quoteGoString(name)}`);
    }
  }

  /** A body of its own: it sees no variable of its surroundings. */
  private ownBody(context: string): ListNode {
    const { variables, rangeDepth } = this;
    this.variables = ['$'];
    this.rangeDepth = 0;
    const [list, end] = this.nested(() => this.itemList());
    if (end.kind !== 'end') throw this.error(`unexpected {{${end.kind}}} in ${context}`);
    this.variables = variables;
    this.rangeDepth = rangeDepth;
    return list;
  }

  private definition(): void {
    const context = 'define clause';
    const name = this.templateName(this.nextNonSpace(), context);
    this.expect('right-delimiter', context);
    this.define(name, this.ownBody(context));
  }

  private itemList(): readonly [ListNode, Terminator] {
    const at = this.peekNonSpace().at;
    const nodes: ActionNode[] = [];
    while (this.peekNonSpace().kind !== 'eof') {
      const node = this.textOrAction();
      if (node.kind === 'end' || node.kind === 'else') return [{ kind: 'list', at, nodes }, node];
      nodes.push(node);
    }
    throw this.error('unexpected EOF');
  }

  private textOrAction(): ActionNode | Terminator {
    const token = this.nextNonSpace();
    if (token.kind === 'text') return { kind: 'text', at: token.at, text: token.text };
    if (token.kind !== 'left-delimiter') throw this.unexpected(token, 'input');
    this.actionLine = token.line;
    const node = this.action();
    this.actionLine = 0;
    return node;
  }

  private action(): ActionNode | Terminator {
    const token = this.nextNonSpace();
    switch (token.kind) {
      case 'block':
        return this.block();
      case 'break':
      case 'continue':
        return this.jump(token.kind, token.at);
      case 'else':
        return this.elseClause();
      case 'end':
        return { kind: 'end', at: this.expect('right-delimiter', 'end').at };
      case 'if':
      case 'range':
      case 'with':
        return this.branch(token.kind);
      case 'template':
        return this.templateCall();
      default:
        this.giveBack(token);
        return { kind: 'print', at: token.at, pipe: this.pipeline('command', 'right-delimiter') };
    }
  }

  private jump(kind: 'break' | 'continue', at: number): ActionNode {
    this.expect('right-delimiter', `{{${kind}}}`);
    if (this.rangeDepth === 0) throw this.error(`{{${kind}}} outside {{range}}`);
    return { kind, at };
  }

  private elseClause(): Terminator {
    const next = this.peekNonSpace();
    // `{{else if …}}` reads as `{{else}}{{if …}}`: the branch that ends here goes on with the keyword.
    if (next.kind === 'if' || next.kind === 'with') return { kind: 'else', at: next.at };
    return { kind: 'else', at: this.expect('right-delimiter', 'else').at };
  }

  private branch(kind: BranchNode['kind']): BranchNode {
    return this.nested(() => {
      const scope = this.variables.length;
      const pipe = this.pipeline(kind, 'right-delimiter');
      if (kind === 'range') this.rangeDepth++;
      const [list, next] = this.itemList();
      if (kind === 'range') this.rangeDepth--;
      const elseList = next.kind === 'else' ? this.elseList(kind, next.at) : null;
      this.variables.length = scope;
      return { kind, at: pipe.at, pipe, list, elseList };
    });
  }

  private elseList(kind: BranchNode['kind'], at: number): ListNode {
    if (kind !== 'range' && this.peek().kind === kind) {
      this.next();
      return { kind: 'list', at, nodes: [this.branch(kind)] };
    }
    const [list, end] = this.itemList();
    if (end.kind !== 'end') throw this.error(`expected end; found {{${end.kind}}}`);
    return list;
  }

  private block(): ActionNode {
    const context = 'block clause';
    const token = this.nextNonSpace();
    const name = this.templateName(token, context);
    const pipe = this.pipeline(context, 'right-delimiter');
    this.define(name, this.ownBody(context));
    return { kind: 'template', at: token.at, name, pipe };
  }

  private templateCall(): ActionNode {
    const context = 'template clause';
    const token = this.nextNonSpace();
    const name = this.templateName(token, context);
    const next = this.nextNonSpace();
    if (next.kind === 'right-delimiter') return { kind: 'template', at: token.at, name, pipe: null };
    this.giveBack(next);
    return { kind: 'template', at: token.at, name, pipe: this.pipeline(context, 'right-delimiter') };
  }

  private templateName(token: Token, context: string): string {
    if (token.kind !== 'string' && token.kind !== 'raw-string') throw this.unexpected(token, context);
    return this.unquote(token);
  }

  private unquote(token: Token): string {
    const text = unquoteGo(token.text);
    if (text === null) throw this.error('invalid syntax');
    return text;
  }

  // --- Pipelines -----------------------------------------------------------------------------------------------------

  private pipeline(context: string, end: TokenKind): PipeNode {
    const at = this.peekNonSpace().at;
    const { declarations, isAssign } = this.declarations(context);
    const commands: CommandNode[] = [];
    while (true) {
      const token = this.nextNonSpace();
      if (token.kind === end) break;
      if (!OPERAND_STARTS.has(token.kind)) throw this.unexpected(token, context);
      this.giveBack(token);
      commands.push(this.command());
    }
    this.checkPipeline(commands, context);
    return { kind: 'pipe', at, isAssign, declarations, commands };
  }

  private declarations(context: string): { declarations: VariableNode[]; isAssign: boolean } {
    const declarations: VariableNode[] = [];
    while (this.peekNonSpace().kind === 'variable') {
      const variable = this.next();
      const after = this.next();
      const sign = after.kind === 'space' ? this.next() : after;
      const isComma = sign.kind === 'char' && sign.text === ',';
      if (sign.kind !== 'assign' && sign.kind !== 'declare' && !isComma) {
        this.giveBack(variable, ...(after === sign ? [sign] : [after, sign]));
        break;
      }
      declarations.push({ kind: 'variable', at: variable.at, name: variable.text, fields: [] });
      this.variables.push(variable.text);
      if (!isComma) return { declarations, isAssign: sign.kind === 'assign' };
      if (context !== 'range' || declarations.length > 1) throw this.error(`too many declarations in ${context}`);
      const next = this.peekNonSpace().kind;
      if (next !== 'variable' && next !== 'right-delimiter' && next !== 'right-paren') {
        throw this.error('range can only initialize variables');
      }
    }
    return { declarations, isAssign: false };
  }

  private checkPipeline(commands: readonly CommandNode[], context: string): void {
    if (commands.length === 0) throw this.error(`missing value for ${context}`);
    const bad = commands.findIndex((command, i) => i > 0 && NOT_EXECUTABLE.has(command.args[0]!.kind));
    if (bad !== -1) throw this.error(`non executable command in pipeline stage ${bad + 1}`);
  }

  /** Operands up to a pipe, which is consumed, or the end of the pipeline, which is not. */
  private command(): CommandNode {
    const at = this.peekNonSpace().at;
    const args: OperandNode[] = [];
    while (true) {
      this.peekNonSpace(); // skips leading spaces
      const operand = this.operand();
      if (operand !== null) args.push(operand);
      const token = this.next();
      if (token.kind === 'space') continue;
      if (token.kind === 'right-delimiter' || token.kind === 'right-paren') this.giveBack(token);
      else if (token.kind !== 'pipe') throw this.unexpected(token, 'operand');
      break;
    }
    if (args.length === 0) throw this.error('empty command');
    return { kind: 'command', at, args };
  }

  /** A term and the fields that follow it; null when the next token does not start one. */
  private operand(): OperandNode | null {
    const term = this.term();
    if (term === null || this.peek().kind !== 'field') return term;
    const at = this.peek().at;
    const fields: string[] = [];
    while (this.peek().kind === 'field') fields.push(this.next().text.slice(1));
    switch (term.kind) {
      case 'field':
        return { kind: 'field', at, names: [...term.names, ...fields] };
      case 'variable':
        return { kind: 'variable', at, name: term.name, fields };
      case 'bool':
      case 'string':
      case 'number':
      case 'nil':
      case 'dot':
        throw this.error(`unexpected . after term ${quoteGoString(printNode(term))}`);
      default:
        return { kind: 'chain', at, base: term, fields };
    }
  }

  private term(): OperandNode | null {
    const token = this.nextNonSpace();
    const { at, text, kind } = token;
    switch (kind) {
      case 'identifier':
        if (!TEMPLATE_FUNCTIONS.has(text)) throw this.error(`function ${quoteGoString(text)} not defined`);
        return { kind, at, name: text };
      case 'dot':
      case 'nil':
        return { kind, at };
      case 'variable':
        if (!this.variables.includes(text)) throw this.error(`undefined variable ${quoteGoString(text)}`);
        return { kind, at, name: text, fields: [] };
      case 'field':
        return { kind, at, names: [text.slice(1)] };
      case 'bool':
        return { kind, at, value: text === 'true' };
      case 'char-constant':
      case 'complex':
      case 'number':
        return { kind: 'number', at, text, ...this.number(text, kind) };
      case 'left-paren':
        return this.nested(() => this.pipeline('parenthesized pipeline', 'right-paren'));
      case 'string':
      case 'raw-string':
        return { kind: 'string', at, quoted: text, text: this.unquote(token) };
      default:
        this.giveBack(token);
        return null;
    }
  }

  private number(text: string, kind: 'number' | 'char-constant' | 'complex'): ReturnType<typeof parseNumber> {
    try {
      return parseNumber(text, kind);
    } catch (error) {
      throw this.error((error as Error).message);
    }
  }
}

/** Nothing but white space. */
function isEmpty(list: ListNode): boolean {
  return list.nodes.every((node) => node.kind === 'text' && node.text.trim() === '');
}
