import { describe } from 'vitest';
import { passGoldens } from '../../../../test/support/pass-case.js';
import { lateProjection } from './late-projection.js';

describe('late-projection', () => {
  passGoldens(lateProjection, new URL('./testdata/late-projection/', import.meta.url));
});
