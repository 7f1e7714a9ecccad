import type {
  ChainNode,
  CommandNode,
  FieldNode,
  IdentifierNode,
  Node,
  OperandNode,
  PipeNode,
  VariableNode,
} from '../../planning/template/ast.js';
import { printNode } from '../../planning/template/print.js';
import { acceptsNil, assign, literalArgument, Mistake, plainLiteral } from './argument.js';
import { Call } from './call.js';
import { formatPlain } from './fmt/value.js';
import type { ParamType } from './functions/function.js';
import { findFunction } from './functions/table.js';
import type { Scope } from './scope.js';
import type { Command, Evaluate, State } from './state.js';
import { findMethod, HIDDEN_TIME_FIELDS } from './time/methods.js';
import { Time } from './time/time.js';
import { isTrue, MapValue, typeName, unbox, type Value } from './value.js';

/** A pipeline; declares or assigns its variables. */
export function compilePipe(node: PipeNode, scope: Scope): Evaluate {
  const commands = node.commands.map((command, i) => compileCommand(command, i > 0, scope));
  const store = compileStore(node, scope);
  const [first, ...rest] = commands as [Command, ...Command[]];
  return (state, dot) => {
    state.node = node;
    let value = unbox(first(state, dot, undefined));
    for (const command of rest) value = unbox(command(state, dot, value));
    store(state, value);
    return value;
  };
}

function compileStore(node: PipeNode, scope: Scope): (state: State, value: Value) => void {
  const stores = node.declarations.map(({ name }) => {
    const slot = node.isAssign ? scope.slot(name) : scope.declare(name);
    return (state: State, value: Value): void => {
      if (slot === undefined) state.fail(`undefined variable: ${name}`);
      state.variables[slot] = value;
    };
  });
  return (state, value) => {
    for (const store of stores) store(state, value);
  };
}

/** `hasFinal`: a value is piped into the command. */
function compileCommand(node: CommandNode, hasFinal: boolean, scope: Scope): Command {
  const first = node.args[0]!;
  const args = node.args.slice(1);
  const isCall = args.length > 0 || hasFinal;
  switch (first.kind) {
    case 'field':
      return compileField(first, args, hasFinal, scope);
    case 'chain':
      return compileChain(first, args, hasFinal, scope);
    case 'identifier':
      return compileFunction(first, node, args, hasFinal, scope);
    case 'variable':
      return compileVariable(first, args, hasFinal, scope);
    case 'pipe':
      return isCall ? notAFunction(first) : compilePipe(first, scope);
    default:
      return isCall ? at(first, notAFunction(first)) : compileTerm(first);
  }
}

function at(node: Node, command: Command): Command {
  return (state, dot, final) => {
    state.node = node;
    return command(state, dot, final);
  };
}

function notAFunction(node: OperandNode): Command {
  return (state) => state.fail(`can't give argument to non-function ${printNode(node)}`);
}

/** A literal or `.` on its own. */
function compileTerm(node: OperandNode): Command {
  if (node.kind === 'dot') return (state, dot) => markAt(state, node, dot);
  const value = node.kind === 'nil' ? new Mistake('nil is not a command') : plainLiteral(node);
  return (state) => {
    state.node = node;
    return value instanceof Mistake ? state.fail(value.message) : value;
  };
}

function markAt(state: State, node: Node, value: Value): Value {
  state.node = node;
  return value;
}

// --- Fields and methods ------------------------------------------------------------------------------------------------

function compileField(node: FieldNode, args: readonly OperandNode[], hasFinal: boolean, scope: Scope): Command {
  const access = compileAccess(node.names, node, args, hasFinal, scope);
  return (state, dot, final) => {
    state.node = node;
    return access(state, dot, dot, final);
  };
}

function compileVariable(node: VariableNode, args: readonly OperandNode[], hasFinal: boolean, scope: Scope): Command {
  const slot = scope.slot(node.name);
  if (slot === undefined) return at(node, (state) => state.fail(`undefined variable: ${node.name}`));
  if (node.fields.length === 0) {
    if (args.length > 0 || hasFinal) return at(node, notAFunction(node));
    return (state) => markAt(state, node, state.variables[slot]);
  }
  const access = compileAccess(node.fields, node, args, hasFinal, scope);
  return (state, dot, final) => {
    state.node = node;
    return access(state, dot, state.variables[slot], final);
  };
}

function compileChain(node: ChainNode, args: readonly OperandNode[], hasFinal: boolean, scope: Scope): Command {
  if (node.base.kind === 'nil') {
    return at(node, (state) => state.fail(`indirection through explicit nil in ${printNode(node)}`));
  }
  const base = compileOperand(node.base, scope);
  const access = compileAccess(node.fields, node, args, hasFinal, scope);
  return (state, dot, final) => {
    state.node = node;
    return access(state, dot, base(state, dot), final);
  };
}

type Access = (state: State, dot: Value, receiver: Value, final: Value) => Value;

/** `.a.b.c args`: only the last name may take arguments. */
function compileAccess(
  names: readonly string[],
  node: Node,
  args: readonly OperandNode[],
  hasFinal: boolean,
  scope: Scope,
): Access {
  const steps = names.map((name, i) => {
    const isLast = i === names.length - 1;
    return compileStep(name, node, isLast ? args : [], isLast && hasFinal, scope);
  });
  const [first, ...rest] = steps as [Access, ...Access[]];
  if (rest.length === 0) return first;
  return (state, dot, receiver, final) => {
    let value = first(state, dot, receiver, final);
    for (const step of rest) value = step(state, dot, value, final);
    return value;
  };
}

function compileStep(name: string, node: Node, args: readonly OperandNode[], hasFinal: boolean, scope: Scope): Access {
  // Methods are known when the receiver is; a template meets few different ones.
  const calls = new Map<unknown, Call>();
  const isCall = args.length > 0 || hasFinal;
  return (state, dot, boxed, final) => {
    if (boxed === undefined) return undefined;
    const receiver = unbox(boxed);
    if (receiver === undefined) return state.fail(`nil pointer evaluating interface {}.${name}`);
    if (receiver instanceof MapValue) {
      if (isCall) state.fail(`${name} is not a method but has arguments`);
      return receiver.get(name);
    }
    const method = findMethod(receiver, name);
    if (method === undefined) return noField(state, name, boxed, receiver);
    if (typeof method === 'string') return state.fail(method);
    let call = calls.get(method);
    if (call === undefined) {
      call = new Call(method, name, node, args.length, hasFinal, (i, type) => compileArgument(args[i]!, type, scope));
      calls.set(method, call);
    }
    return call.run(state, dot, final, receiver);
  };
}

function noField(state: State, name: string, boxed: Exclude<Value, undefined>, receiver: Value): never {
  if (receiver instanceof Time && HIDDEN_TIME_FIELDS.has(name)) {
    state.fail(`${name} is an unexported field of struct type ${typeName(boxed)}`);
  }
  return state.fail(`can't evaluate field ${name} in type ${typeName(boxed)}`);
}

// --- Functions ---------------------------------------------------------------------------------------------------------

function compileFunction(
  node: IdentifierNode,
  command: Node,
  args: readonly OperandNode[],
  hasFinal: boolean,
  scope: Scope,
): Command {
  const { name } = node;
  if (name === 'and' || name === 'or') return compileShortCircuit(node, args, hasFinal, scope);
  if (name === 'call') return compileCallBuiltin(node, command, args, hasFinal, scope);
  const callee = findFunction(name);
  if (callee === undefined) return at(node, (state) => state.fail(`"${name}" is not a defined function`));
  const call = new Call(callee, name, command, args.length, hasFinal, (i, type) =>
    compileArgument(args[i]!, type, scope),
  );
  return (state, dot, final) => {
    state.node = node;
    return call.run(state, dot, final);
  };
}

/** `and` stops at the first false argument, `or` at the first true one; both return it, or the last. */
function compileShortCircuit(
  node: IdentifierNode,
  args: readonly OperandNode[],
  hasFinal: boolean,
  scope: Scope,
): Command {
  const stopsAt = node.name === 'or';
  const operands = args.map((arg) => compileArgument(arg, 'reflect.Value', scope));
  if (operands.length === 0 && !hasFinal) {
    return at(node, (state) => state.fail(`wrong number of args for ${node.name}: want at least 1 got 0`));
  }
  return (state, dot, final) => {
    state.node = node;
    let value: Value;
    for (const operand of operands) {
      value = operand(state, dot);
      if (isTrue(value) === stopsAt) return value;
    }
    return hasFinal ? final : value;
  };
}

/** `call` calls a value that is a function; no label, line or function result is one. */
function compileCallBuiltin(
  node: IdentifierNode,
  command: Node,
  args: readonly OperandNode[],
  hasFinal: boolean,
  scope: Scope,
): Command {
  if (args.length === 0 && !hasFinal) {
    return at(node, (state) => state.fail('wrong number of args for call: want at least 1 got 0'));
  }
  const operands = args.map((arg) => compileArgument(arg, 'reflect.Value', scope));
  return (state, dot, final) => {
    state.node = node;
    const values = operands.map((operand) => operand(state, dot));
    const callee = unbox(values.length > 0 ? values[0] : final);
    const name = args.length > 0 ? printNode(args[0]!) : callee === undefined ? '<invalid Value>' : formatPlain(callee);
    state.node = command;
    if (callee === undefined) return state.fail('error calling call: call of nil');
    return state.fail(`error calling call: non-function ${name} of type ${typeName(callee)}`);
  };
}

// --- Arguments ---------------------------------------------------------------------------------------------------------

/** An operand as an argument for a parameter of the type. */
function compileArgument(node: OperandNode, type: ParamType, scope: Scope): Evaluate {
  if (node.kind === 'nil') {
    return (state) => {
      state.node = node;
      return acceptsNil(type) ? undefined : state.fail(`cannot assign nil to ${type}`);
    };
  }
  if (node.kind === 'string' || node.kind === 'number' || node.kind === 'bool') return literalArgument(node, type);
  const operand = compileOperand(node, scope);
  return (state, dot) => assign(state, operand(state, dot), type);
}

/** An operand that has to be evaluated, without arguments. */
function compileOperand(node: OperandNode, scope: Scope): Evaluate {
  const inner = compileBare(node, scope);
  return (state, dot) => {
    state.node = node;
    return inner(state, dot, undefined);
  };
}

function compileBare(node: OperandNode, scope: Scope): Command {
  switch (node.kind) {
    case 'dot':
      return (_state, dot) => dot;
    case 'field':
      return compileField(node, [], false, scope);
    case 'variable':
      return compileVariable(node, [], false, scope);
    case 'pipe':
      return compilePipe(node, scope);
    case 'identifier':
      return compileFunction(node, node, [], false, scope);
    case 'chain':
      return compileChain(node, [], false, scope);
    default:
      return compileTerm(node);
  }
}
