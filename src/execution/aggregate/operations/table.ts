/** Every aggregation by name. A new one goes here, into a file of its own, and wherever the compiler says. */
import type { RangeOperation, VectorAggregation } from '../../../planning/physical/node.js';
import { avg } from './avg.js';
import { count } from './count.js';
import { first } from './first.js';
import { last } from './last.js';
import { max } from './max.js';
import { min } from './min.js';
import { startAcross } from './moments.js';
import type { Operation, StateOperation } from './operation.js';
import { quantile } from './quantile.js';
import { rateCounter } from './rate-counter.js';
import { stddev } from './stddev.js';
import { stdvar } from './stdvar.js';
import { sum } from './sum.js';

/** Over time. A row of a log may stand for many, so counts are sums of what rows stand for. */
export const RANGE_OPERATIONS: Readonly<Record<RangeOperation, Operation>> = {
  count: sum,
  absent: sum,
  bytes: sum,
  sum,
  avg,
  min,
  max,
  stddev,
  stdvar,
  first,
  last,
  quantile,
  rate_counter: rateCounter,
};

/** Across series. */
export const VECTOR_OPERATIONS: Readonly<Record<VectorAggregation['operation'], StateOperation>> = {
  sum,
  avg,
  min,
  max,
  count,
  stddev: { ...stddev, start: startAcross },
  stdvar: { ...stdvar, start: startAcross },
};
