import type { Node } from '../../planning/template/ast.js';
import { assign } from './argument.js';
import { TemplateError } from './error.js';
import { type Callable, invoke, type ParamType } from './functions/function.js';
import type { Evaluate, State } from './state.js';
import type { Value } from './value.js';

/** The fixed charge of a call. */
const CALL_WORK = 16;

/** One place where a function or method is called: its arguments compiled for its parameters. */
export class Call {
  private readonly callee: Callable;
  private readonly name: string;
  /** What an error of the function quotes. */
  private readonly node: Node;
  private readonly args: readonly Evaluate[];
  private readonly finalType: ParamType | null;
  /** The number of arguments is wrong: said when the call is reached, as in Go. */
  private readonly mistake: string | null;

  /** `argument` compiles the i-th argument for a type; `hasFinal` says whether a value is piped in. */
  constructor(
    callee: Callable,
    name: string,
    node: Node,
    count: number,
    hasFinal: boolean,
    argument: (i: number, type: ParamType) => Evaluate,
  ) {
    this.callee = callee;
    this.name = name;
    this.node = node;
    this.mistake = wrongCount(callee, name, count, hasFinal);
    const typeAt = (i: number): ParamType => callee.params[i] ?? callee.rest ?? 'interface {}';
    this.args = this.mistake === null ? Array.from({ length: count }, (_, i) => argument(i, typeAt(i))) : [];
    this.finalType = hasFinal ? typeAt(count) : null;
  }

  run(state: State, dot: Value, final: Value, receiver?: Value): Value {
    if (this.mistake !== null) return state.fail(this.mistake);
    const values: Value[] = receiver === undefined ? [] : [receiver];
    let work = CALL_WORK;
    for (const arg of this.args) {
      const value = arg(state, dot);
      values.push(value);
      if (typeof value === 'string') work += value.length * this.callee.weight;
    }
    if (this.finalType !== null) {
      const value = assign(state, final, this.finalType);
      values.push(value);
      if (typeof value === 'string') work += value.length * this.callee.weight;
    }
    state.charge(work);
    return this.invoke(state, values);
  }

  private invoke(state: State, values: readonly Value[]): Value {
    try {
      const result = invoke(this.callee, values, state);
      if (typeof result === 'string') state.charge(result.length);
      return result;
    } catch (error) {
      if (error instanceof TemplateError || !(error instanceof Error)) throw error;
      state.node = this.node;
      return state.fail(`error calling ${this.name}: ${error.message}`);
    }
  }
}

function wrongCount(callee: Callable, name: string, count: number, hasFinal: boolean): string | null {
  const given = count + (hasFinal ? 1 : 0);
  const fixed = callee.params.length;
  if (callee.rest === null)
    return given === fixed ? null : `wrong number of args for ${name}: want ${fixed} got ${given}`;
  return given >= fixed ? null : `wrong number of args for ${name}: want at least ${fixed} got ${count}`;
}
