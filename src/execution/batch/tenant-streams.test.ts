import { expect, it } from 'vitest';
import { labelsOf } from '../../wire/labels.js';
import { LabelledStreams } from './streams.js';
import { tenantStreams } from './tenant-streams.js';

const own = new LabelledStreams([labelsOf({ app: 'x' }), labelsOf({ __tenant_id__: 'own' })]);

it('every stream has its tenant as a label, and a label of that name under another', () => {
  const streams = tenantStreams(own, 'a');
  expect(streams.count).toBe(2);
  expect([...streams.names].sort()).toEqual(['__tenant_id__', 'app', 'original___tenant_id__']);
  expect(streams.column('__tenant_id__')).toEqual({ ids: Int32Array.of(0, 0), values: ['a'] });
  expect(streams.column('original___tenant_id__')).toEqual({ ids: Int32Array.of(-1, 0), values: ['own'] });
  expect(streams.column('app')).toBe(own.column('app'));
  expect(streams.column('nope')).toBeUndefined();
  expect(streams.labels(1)).toEqual(labelsOf({ __tenant_id__: 'a', original___tenant_id__: 'own' }));
});

it('the same streams are the same set, so that what is worked out for it is kept', () => {
  expect(tenantStreams(own, 'a')).toBe(tenantStreams(own, 'a'));
});
