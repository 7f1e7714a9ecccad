import { expect, test } from 'vitest';
import { durabilityWarnings } from './durability.js';

const SAFE = { version: '2.12.3', storage: 'file', copies: 3, syncsAlways: true };

test('three copies in files that are synced before they are acknowledged are nothing to warn of', () => {
  expect(durabilityWarnings(SAFE)).toEqual([]);
});

test('an acknowledgement before the sync is, and so is not knowing', () => {
  const [known] = durabilityWarnings({ ...SAFE, syncsAlways: false });
  expect(known).toMatch(/acknowledges entries before they are synced.*sync_interval: always/);
  const [unknown] = durabilityWarnings({ ...SAFE, syncsAlways: undefined });
  expect(unknown).toMatch(/nobody can see.*sync_interval: always/);
});

test('so are memory and too few copies', () => {
  expect(durabilityWarnings({ ...SAFE, storage: 'memory', copies: 1 })).toEqual([
    expect.stringContaining('kept in memory'),
    expect.stringContaining('one copy'),
  ]);
});
