import { describe } from 'vitest';
import { passGoldens } from '../../../../test/support/pass-case.js';
import { aggregationSplit } from './aggregation-split.js';

describe('aggregation-split', () => {
  passGoldens(aggregationSplit, new URL('./testdata/aggregation-split/', import.meta.url));
});
