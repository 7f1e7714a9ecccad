import type { NumberNode, OperandNode } from '../../planning/template/ast.js';
import { printNode } from '../../planning/template/print.js';
import type { ParamType } from './functions/function.js';
import type { Evaluate, State } from './state.js';
import { Time } from './time/time.js';
import { Zone } from './time/zone.js';
import { Complex, Int, Interface, typeName, type Value } from './value.js';

/** Checks that a value fits a parameter, as Go's reflection would, and gives it the parameter's shape. */
export function assign(state: State, boxed: Value, type: ParamType): Value {
  if (type === 'reflect.Value') return boxed;
  if (boxed === undefined) return acceptsNil(type) ? undefined : state.fail(`invalid value; expected ${type}`);
  const value = boxed instanceof Interface ? boxed.value : boxed;
  if (type === 'interface {}') return value;
  if (value !== undefined && fits(value, type)) return type === 'int' ? Number((value as Int).value) : value;
  return state.fail(`wrong type for value; expected ${type}; got ${typeName(value ?? boxed)}`);
}

export function acceptsNil(type: ParamType): boolean {
  return type === 'interface {}' || type === 'reflect.Value' || type === '*time.Location';
}

/** Whether a value is of the type; `interface {}` takes any. */
export function fits(value: Exclude<Value, undefined>, type: ParamType): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string';
    case 'float64':
      return typeof value === 'number';
    case 'int':
    case 'time.Duration':
      return value instanceof Int && value.type === type;
    case 'time.Time':
      return value instanceof Time;
    case '*time.Location':
      return value instanceof Zone;
    default:
      return true;
  }
}

/** A literal as an argument: constants take the type of the parameter. A mistake shows when it is evaluated. */
export function literalArgument(node: OperandNode, type: ParamType): Evaluate {
  const value = literal(node, type);
  return (state) => {
    state.node = node;
    return typeof value === 'object' && value instanceof Mistake ? state.fail(value.message) : value;
  };
}

/** What is wrong with a literal. */
export class Mistake {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** A literal's value as an argument for a parameter of the type. */
export function literal(node: OperandNode, type: ParamType): Value | Mistake {
  switch (type) {
    case 'string':
      return node.kind === 'string' ? node.text : new Mistake(`expected string; found ${printNode(node)}`);
    case 'int':
      return node.kind === 'number' && node.int !== null ? Number(node.int) : expected('integer', node);
    case 'time.Duration':
      return node.kind === 'number' && node.int !== null ? new Int(type, node.int) : expected('integer', node);
    case 'float64':
      return node.kind === 'number' && node.float !== null ? node.float : expected('float', node);
    case 'interface {}':
    case 'reflect.Value':
      return plainLiteral(node);
    default:
      return new Mistake(`can't handle ${printNode(node)} for arg of type ${type}`);
  }
}

function expected(what: string, node: OperandNode): Mistake {
  return new Mistake(`expected ${what}; found ${printNode(node)}`);
}

/** A literal where nothing says its type. */
export function plainLiteral(node: OperandNode): Value | Mistake {
  switch (node.kind) {
    case 'string':
      return node.text;
    case 'bool':
      return node.value;
    case 'number':
      return idealConstant(node);
    default:
      return new Mistake(`can't handle assignment of ${printNode(node)} to empty interface argument`);
  }
}

/** A number is a float if it is written like one, else an int. */
function idealConstant(node: NumberNode): Value | Mistake {
  if (node.complex !== null) return new Complex(node.complex.real, node.complex.imaginary);
  const isHex = /^0[xX]./.test(node.text) && !/[pP]/.test(node.text);
  const looksFloat = !isHex && !node.text.startsWith("'") && /[.eEpP]/.test(node.text);
  if (node.float !== null && looksFloat) return node.float;
  if (node.int !== null) return new Int('int', node.int);
  return new Mistake(`${node.text} overflows int`);
}
