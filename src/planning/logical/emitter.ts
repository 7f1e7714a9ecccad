import type { Instruction, LogicalPlan, Operand, ValueId } from './value.js';

/** Collects instructions; an operand has its id before anything can use it, so the list is in SSA order. */
export class Emitter {
  readonly #instructions: Instruction[] = [];

  emit(instruction: Instruction): ValueId {
    return this.#instructions.push(instruction) - 1;
  }

  /** Joins conditions pairwise from the left, each made when it is needed; there must be one at least. */
  connect(kind: 'and' | 'or', conditions: readonly (() => ValueId)[]): ValueId {
    let all: ValueId | undefined;
    for (const condition of conditions) {
      const right = condition();
      all = all === undefined ? right : this.emit({ kind, left: all, right });
    }
    if (all === undefined) throw new Error(`no conditions to connect with ${kind}`);
    return all;
  }

  /** The plan, whose last instruction is the result. */
  finish(): LogicalPlan {
    return { instructions: this.#instructions, result: this.#instructions.length - 1 };
  }
}

export function operandOf(id: ValueId): Operand {
  return { kind: 'value', id };
}
