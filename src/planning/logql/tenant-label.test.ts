import { expect, it } from 'vitest';
import { parseLogQL } from './parser.js';
import { printExpr } from './print.js';
import { keepTenantLabel } from './tenant-label.js';

it.each([
  ['{app="x"} |= "y" | keep a', '{app="x"} |= "y" | keep a,__tenant_id__'],
  [
    'sum by (a) (avg_over_time({app="x"} | unwrap b [1m]) by (a))',
    'sum by (a)(avg_over_time({app="x"} | unwrap b[1m]) by (a,__tenant_id__))',
  ],
  [
    'max_over_time({app="x"} | keep a | unwrap b [1m]) without (a, __tenant_id__) / 2 + vector(1)',
    '((max_over_time({app="x"} | keep a,__tenant_id__ | unwrap b[1m]) without (a) / 2) + vector(1.000000))',
  ],
  ['sum(rate({app="x"}[1m])) by (__tenant_id__)', 'sum by (__tenant_id__)(rate({app="x"}[1m]))'],
])('%s keeps the tenant of rows', (query, expected) => {
  expect(printExpr(keepTenantLabel(parseLogQL(query)))).toBe(expected);
});
