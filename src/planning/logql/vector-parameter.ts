import type { VectorOp } from './ast.js';
import { parseError } from './error.js';

const MAX_INT64 = 2n ** 63n - 1n;

/** Reads the k of topk, bottomk and approx_topk from its text; no other operator has one. Throws a LogQLError. */
export function vectorParameter(op: VectorOp, text: string | undefined, grouped: boolean): number | undefined {
  if (op !== 'topk' && op !== 'bottomk' && op !== 'approx_topk') {
    if (text !== undefined) throw parseError(`unsupported parameter for operation ${op}(${text},`);
    return undefined;
  }
  if (text === undefined) throw parseError(`parameter required for operation ${op}`);
  if (!/^\d+$/.test(text) || BigInt(text) > MAX_INT64) throw parseError(`invalid parameter ${op}(${text},`);
  const k = Number(text);
  if (k === 0) throw parseError(`invalid parameter (must be greater than 0) ${op}(${text}`);
  if (op === 'approx_topk' && grouped) throw parseError(`grouping not allowed for ${op} aggregation`);
  return k;
}
