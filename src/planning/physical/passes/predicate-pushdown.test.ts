import { describe } from 'vitest';
import { passGoldens } from '../../../../test/support/pass-case.js';
import { predicatePushdown } from './predicate-pushdown.js';

describe('predicate-pushdown', () => {
  passGoldens(predicatePushdown, new URL('./testdata/predicate-pushdown/', import.meta.url));
});
