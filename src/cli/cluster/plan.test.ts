import { expect, test } from 'vitest';
import { parseRoles } from '../roles.js';
import { PORTS, plannedGroups } from './plan.js';

const plan = { data: '/d', port: 3100, nats: 'nats://127.0.0.1:4222', threads: 1, assignments: ['a.b=c'] };

test('every process has a name, a port and a folder of its own, and roles there are', () => {
  const processes = plannedGroups(plan).flat();
  expect(processes.map(({ port }) => port)).toEqual(Array.from({ length: PORTS }, (_, i) => 3100 + i));
  expect(new Set(processes.map(({ name }) => name)).size).toBe(processes.length);
  for (const { name, roles, args } of processes) {
    expect(() => parseRoles(roles)).not.toThrow();
    expect(args).toContain(`/d/${name}`);
    expect(args.slice(-2)).toEqual(['--set', 'a.b=c']);
  }
});

test('ingesters are the last to be stopped', () => {
  expect(plannedGroups(plan).map((group) => group[0]!.name)).toEqual([
    'distributor-1',
    'querier-1',
    'worker-1',
    'ingester-1',
  ]);
});
