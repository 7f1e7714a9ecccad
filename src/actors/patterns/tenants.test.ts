import { expect, it } from 'vitest';
import { labelValue } from '../../wire/labels.js';
import { PatternTenants } from './tenants.js';
import { LineTokens } from './tokens.js';

const tokens = new LineTokens();

function learn(tenants: PatternTenants, tenant: string, app: string, line = 'a line of text', interval = 1): void {
  const bytes = Buffer.from(line);
  tokens.read(bytes, 0, bytes.length, 3000);
  tenants.update(tenant, `{app="${app}"}`, (stream) => stream.drain('info', 300).add(tokens, interval, 1));
}

const appsOf = (tenants: PatternTenants, tenant: string): string[] =>
  [...tenants.streams(tenant)].map(({ labels }) => labelValue(labels, 'app'));

it('tenants know nothing of each other', () => {
  const tenants = new PatternTenants(1e6);
  learn(tenants, 'a', 'x');
  learn(tenants, 'b', 'y');
  expect([appsOf(tenants, 'a'), appsOf(tenants, 'b'), appsOf(tenants, 'c')]).toEqual([['x'], ['y'], []]);
});

it('beyond the memory, the tenant that holds most loses the streams not seen for longest', () => {
  const tenants = new PatternTenants(20_000);
  learn(tenants, 'small', 'only');
  for (let i = 0; i < 30; i++) {
    learn(tenants, 'large', 'kept');
    learn(tenants, 'large', `x${i}`);
  }
  expect(tenants.memoryBytes).toBeLessThanOrEqual(20_000);
  expect(tenants.streamsForgotten).toBeGreaterThan(10);
  expect(appsOf(tenants, 'small')).toEqual(['only']);
  expect(appsOf(tenants, 'large')).toContain('kept');
  expect(appsOf(tenants, 'large')).toContain('x29');
  expect(appsOf(tenants, 'large')).not.toContain('x0');
});

it('what has no counts left is forgotten', () => {
  const tenants = new PatternTenants(1e6);
  learn(tenants, 'a', 'old');
  learn(tenants, 'a', 'new', 'another line', 5);
  tenants.forgetBefore(2);
  expect(appsOf(tenants, 'a')).toEqual(['new']);
  tenants.forgetBefore(6);
  expect([...tenants.all()]).toEqual([]);
  expect(tenants.memoryBytes).toBe(0);
});

it('a text that is no label set has no stream', () => {
  const tenants = new PatternTenants(1e6);
  tenants.update('a', 'nonsense', () => expect.unreachable());
  expect([...tenants.all()]).toEqual([]);
});
