import type { ActionNode, BranchNode, ListNode, Template, TemplateNode } from '../../planning/template/ast.js';
import { unreachable } from '../../wire/exhaustive.js';
import { quoteGoString } from '../../wire/go-quote.js';
import { formatPlain } from './fmt/value.js';
import { compilePipe } from './pipeline.js';
import { Scope } from './scope.js';
import type { State } from './state.js';
import { Int, int, isTrue, ListValue, MapValue, type Value } from './value.js';

/** How an action ended: normally, or on the way out of a loop. */
export type Outcome = 'done' | 'break' | 'continue';

/** A compiled action: writes to the state's output. */
export type Action = (state: State, dot: Value) => Outcome;

/** The fixed charge of one round of a loop. */
const ROUND_WORK = 64;

/** Compiles the bodies of a template and of all it defines. */
export class ActionCompiler {
  private readonly template: Template;
  private readonly bodies = new Map<string, Action>();

  constructor(template: Template) {
    this.template = template;
  }

  /** A whole body with variables of its own; `$` is its argument. */
  body(root: ListNode): Action {
    const list = this.list(root, new Scope());
    return (state, dot) => {
      state.variables = [dot];
      return list(state, dot);
    };
  }

  private list(node: ListNode, scope: Scope): Action {
    const actions = node.nodes.map((child) => this.action(child, scope));
    return (state, dot) => {
      for (const action of actions) {
        const outcome = action(state, dot);
        if (outcome !== 'done') return outcome;
      }
      return 'done';
    };
  }

  private action(node: ActionNode, scope: Scope): Action {
    switch (node.kind) {
      case 'text':
        return (state) => {
          state.write(node.text);
          return 'done';
        };
      case 'print':
        return this.print(node, scope);
      case 'if':
      case 'with':
        return this.choice(node, scope);
      case 'range':
        return this.range(node, scope);
      case 'template':
        return this.call(node, scope);
      case 'break':
      case 'continue':
        return () => node.kind;
      default:
        return unreachable(node);
    }
  }

  private print(node: Extract<ActionNode, { kind: 'print' }>, scope: Scope): Action {
    const isSilent = node.pipe.declarations.length > 0;
    const pipe = compilePipe(node.pipe, scope);
    return (state, dot) => {
      state.node = node;
      const value = pipe(state, dot);
      if (isSilent) return 'done';
      state.node = node;
      state.write(printable(state, value));
      return 'done';
    };
  }

  private choice(node: BranchNode, scope: Scope): Action {
    const mark = scope.mark();
    const pipe = compilePipe(node.pipe, scope);
    const inner = scope.mark();
    const list = this.list(node.list, scope);
    scope.release(inner);
    const otherwise = node.elseList === null ? null : this.list(node.elseList, scope);
    scope.release(mark);
    return (state, dot) => {
      state.node = node;
      const value = pipe(state, dot);
      const branch = isTrue(value) ? list : otherwise;
      if (branch === null) return 'done';
      state.enter();
      const outcome = branch(state, node.kind === 'with' && branch === list ? value : dot);
      state.leave();
      return outcome;
    };
  }

  private range(node: BranchNode, scope: Scope): Action {
    const mark = scope.mark();
    const pipe = compilePipe(node.pipe, scope);
    const slots = node.pipe.declarations.map(({ name }) => scope.slot(name) ?? 0);
    const inner = scope.mark();
    const list = this.list(node.list, scope);
    scope.release(inner);
    const otherwise = node.elseList === null ? null : this.list(node.elseList, scope);
    scope.release(mark);
    // With two variables the index comes first, with one it is the element.
    const [indexSlot, elementSlot] = slots.length === 2 ? slots : [undefined, slots[0]];
    const round = (state: State, index: Value, element: Value): Outcome => {
      state.charge(ROUND_WORK);
      if (indexSlot !== undefined) state.variables[indexSlot] = index;
      if (elementSlot !== undefined) state.variables[elementSlot] = element;
      return list(state, element);
    };
    return (state, dot) => {
      state.node = node;
      const value = pipe(state, dot);
      state.enter();
      const isEmpty = !iterate(state, value, slots.length, round);
      const outcome = isEmpty && otherwise !== null ? otherwise(state, dot) : 'done';
      state.leave();
      // In Go a break in the else list ends this loop, not the one around it.
      return outcome === 'break' ? 'done' : outcome;
    };
  }

  private call(node: TemplateNode, scope: Scope): Action {
    const definition = this.template.definitions.find(({ name }) => name === node.name);
    const pipe = node.pipe === null ? null : compilePipe(node.pipe, scope);
    return (state, dot) => {
      state.node = node;
      if (definition === undefined) return state.fail(`template ${quoteGoString(node.name)} not defined`);
      state.enter();
      state.charge(ROUND_WORK);
      const argument = pipe === null ? undefined : pipe(state, dot);
      const { variables, name } = state;
      state.name = node.name;
      this.definition(definition)(state, argument);
      state.variables = variables;
      state.name = name;
      state.leave();
      return 'done';
    };
  }

  /** Compiled when first called: definitions may call themselves. */
  private definition({ name, root }: Template['definitions'][number]): Action {
    let body = this.bodies.get(name);
    if (body === undefined) {
      body = this.body(root);
      this.bodies.set(name, body);
    }
    return body;
  }
}

/** What Go's printValue writes. */
function printable(state: State, value: Value): string {
  if (value === undefined) return '<no value>';
  try {
    return formatPlain(value);
  } catch (error) {
    return state.fail((error as Error).message);
  }
}

type Round = (state: State, index: Value, element: Value) => Outcome;

/** Runs the rounds of a loop; false when there was nothing to go over. */
function iterate(state: State, value: Value, variables: number, round: Round): boolean {
  if (value === undefined) return false;
  if (value instanceof ListValue) {
    for (let i = 0; i < value.length; i++) if (round(state, int(i), value.at(i)) === 'break') break;
    return value.length > 0;
  }
  if (value instanceof MapValue) {
    const keys = value.keys();
    for (const key of keys) if (round(state, key, value.get(key)) === 'break') break;
    return keys.length > 0;
  }
  if (!(value instanceof Int)) return state.fail(`range can't iterate over ${formatPlain(value)}`);
  if (variables > 1) return state.fail(`can't use ${formatPlain(value)} to iterate over more than one variable`);
  for (let i = 0n; i < value.value; i++) if (round(state, undefined, new Int(value.type, i)) === 'break') break;
  return value.value > 0n;
}
