import { expect, it } from 'vitest';
import type { Matcher } from '../planning/logql/ast.js';
import { parseSelector } from '../planning/logql/parser.js';
import { labelsOf } from '../wire/labels.js';
import { tenantSelectors } from './tenants.js';

const APP: Matcher = { name: 'app', op: '=', value: 'x' };

it.each([
  ['{app="x"}', ['a', 'b', 'c']],
  ['{app="x", __tenant_id__="b"}', ['b']],
  ['{__tenant_id__!="b", app="x"}', ['a', 'c']],
  ['{app="x", __tenant_id__=~"a|c", __tenant_id__!~"c.*"}', ['a']],
  ['{app="x", __tenant_id__="d"}', []],
])('%s picks among the tenants asked for, and is about streams otherwise', (selector, tenants) => {
  const selectors = tenantSelectors('a|b|c', parseSelector(selector));
  expect(selectors.map(({ tenant, matchers }) => [tenant, matchers])).toEqual(tenants.map((name) => [name, [APP]]));
});

it('a stream’s own label of that name is asked for under the name it is shown with', () => {
  const [first] = tenantSelectors('a|b', parseSelector('{original___tenant_id__="x"}'));
  expect(first!.matchers).toEqual([{ name: '__tenant_id__', op: '=', value: 'x' }]);
  expect(first!.shown(labelsOf({ __tenant_id__: 'x' }))).toEqual(
    labelsOf({ __tenant_id__: 'a', original___tenant_id__: 'x' }),
  );
});

it('to one tenant the label is like any other', () => {
  const matchers = parseSelector('{__tenant_id__="x"}');
  const [only, ...others] = tenantSelectors('a', matchers);
  expect(others).toEqual([]);
  expect(only).toMatchObject({ tenant: 'a', matchers });
  expect(only!.shown(labelsOf({ app: 'x' }))).toEqual(labelsOf({ app: 'x' }));
});
