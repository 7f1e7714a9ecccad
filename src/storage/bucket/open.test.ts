import { expect, test } from 'vitest';
import { bucketPlace } from './open-node.js';

test('a folder is a folder', () => {
  expect(bucketPlace('./data/bucket')).toEqual({ kind: 'filesystem', root: './data/bucket' });
});

test('a compatible store is asked by path at its endpoint, AWS by name', () => {
  const keys = { accessKeyId: 'a', secretAccessKey: 'b' };
  expect(bucketPlace('s3://logs/one/two/?endpoint=http://127.0.0.1:9000&region=eu-west-1', keys)).toEqual({
    ...{ kind: 's3', bucket: 'logs', prefix: 'one/two', endpoint: 'http://127.0.0.1:9000', region: 'eu-west-1' },
    ...{ pathStyle: true, attemptsMax: 5, credentials: keys },
  });
  expect(bucketPlace('s3://logs')).toMatchObject({ bucket: 'logs', prefix: '', pathStyle: false });
});

test.each(['s3://', 's3://logs?regoin=eu', 's3://key:secret@logs'])('%s is refused without being repeated', (text) => {
  expect(() => bucketPlace(text)).toThrow('no address of a bucket: s3://BUCKET/PREFIX');
});
