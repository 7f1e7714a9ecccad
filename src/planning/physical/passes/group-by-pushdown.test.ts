import { describe } from 'vitest';
import { passGoldens } from '../../../../test/support/pass-case.js';
import { groupByPushdown } from './group-by-pushdown.js';

describe('group-by-pushdown', () => {
  passGoldens(groupByPushdown, new URL('./testdata/group-by-pushdown/', import.meta.url));
});
