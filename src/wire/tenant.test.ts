import { expect, it } from 'vitest';
import { labelsOf } from './labels.js';
import { isManyTenants, joinTenants, tenantsOf, withTenantLabel } from './tenant.js';

it('a set of tenants is one text, sorted and without repetition', () => {
  expect(joinTenants(['b', 'a', 'b'])).toBe('a|b');
  expect(tenantsOf('a|b')).toEqual(['a', 'b']);
  expect([joinTenants(['a', 'a']), 'a|b'].map(isManyTenants)).toEqual([false, true]);
});

it('a label set gets its tenant in its place, and a label of that name moves away', () => {
  expect(withTenantLabel(labelsOf({ Z: '1', app: 'x' }), 'a')).toEqual(
    labelsOf({ Z: '1', __tenant_id__: 'a', app: 'x' }),
  );
  expect(withTenantLabel(labelsOf({ __tenant_id__: 'own', app: 'x' }), 'a')).toEqual(
    labelsOf({ __tenant_id__: 'a', app: 'x', original___tenant_id__: 'own' }),
  );
});
