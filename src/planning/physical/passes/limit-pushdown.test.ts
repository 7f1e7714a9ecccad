import { describe } from 'vitest';
import { passGoldens } from '../../../../test/support/pass-case.js';
import { limitPushdown } from './limit-pushdown.js';

describe('limit-pushdown', () => {
  passGoldens(limitPushdown, new URL('./testdata/limit-pushdown/', import.meta.url));
});
