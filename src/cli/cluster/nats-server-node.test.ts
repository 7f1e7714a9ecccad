import { expect, test } from 'vitest';
import { findNatsServer } from './nats-server-node.js';

test('where there is no nats-server one is told how to get it', () => {
  expect(() => findNatsServer(['/nowhere/nats-server'])).toThrow('apt install nats-server');
});

test('the first that runs is taken', () => {
  expect(findNatsServer(['/nowhere/nats-server', process.execPath])).toBe(process.execPath);
});
