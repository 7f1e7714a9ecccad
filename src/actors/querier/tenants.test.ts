import { expect, it } from 'vitest';
import type { Matcher } from '../../planning/logql/ast.js';
import { parseSelector } from '../../planning/logql/parser.js';
import { selectTenants } from './tenants.js';

const APP: Matcher = { name: 'app', op: '=', value: 'x' };

it.each([
  ['{app="x"}', ['a', 'b', 'c']],
  ['{app="x", __tenant_id__="b"}', ['b']],
  ['{__tenant_id__!="b", app="x"}', ['a', 'c']],
  ['{app="x", __tenant_id__=~"a|c", __tenant_id__!~"c.*"}', ['a']],
  ['{app="x", __tenant_id__="d"}', []],
])('%s picks among the tenants asked for, and is about streams otherwise', (selector, tenants) => {
  expect(selectTenants('a|b|c', parseSelector(selector))).toEqual({ tenants, matchers: [APP] });
});

it('a stream’s own label of that name is asked for under the name it is shown with', () => {
  const { matchers } = selectTenants('a|b', parseSelector('{original___tenant_id__="x"}'));
  expect(matchers).toEqual([{ name: '__tenant_id__', op: '=', value: 'x' }]);
});
