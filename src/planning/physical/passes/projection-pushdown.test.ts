import { describe } from 'vitest';
import { passGoldens } from '../../../../test/support/pass-case.js';
import { projectionPushdown } from './projection-pushdown.js';

describe('projection-pushdown', () => {
  passGoldens(projectionPushdown, new URL('./testdata/projection-pushdown/', import.meta.url));
});
