import { describe } from 'vitest';
import { passGoldens } from '../../../../test/support/pass-case.js';
import { parallelPushdown } from './parallel-pushdown.js';

describe('parallel-pushdown', () => {
  passGoldens(parallelPushdown, new URL('./testdata/parallel-pushdown/', import.meta.url));
});
