/** Labels, their values, and series (C29-C31, C58a, C60). */
import { describe, expect, test } from 'vitest';
import { surface } from '../support/surface.js';

const V1 = '/loki/api/v1';
const rows = surface([
  { labels: { app: 'b', env: 'prod' }, metadata: { trace: '1' }, line: '{"parsed":1}' },
  { labels: { app: 'a', env: 'prod' }, line: 'x' },
  { labels: { app: 'c' }, line: 'x' },
]);

async function body(path: string, parameters: Record<string, string> = {}): Promise<string> {
  const reply = await rows.http(V1 + path, parameters);
  expect(reply).toMatchObject({ status: 200, headers: { 'content-type': 'application/json; charset=UTF-8' } });
  return reply.body;
}

describe('C29: names of labels', () => {
  test.each(['/labels', '/label'])('%s are those of streams, sorted, behind a line feed', async (path) => {
    expect(await body(path)).toBe('{"status":"success","data":["app","env"]}\n');
  });

  test('are those of the streams that a query selects', async () => {
    expect(await body('/labels', { query: '{app="c"}' })).toBe('{"status":"success","data":["app"]}\n');
    expect((await rows.http(`${V1}/labels`, { query: '{app="c"} | json' })).body).toBe(
      'only label matchers are supported',
    );
  });

  test('that are none have no data', async () => {
    expect(await body('/labels', { query: '{app="none"}' })).toBe('{"status":"success"}\n');
  });
});

describe('C30: values of a label', () => {
  test('are sorted, each once', async () => {
    expect(await body('/label/app/values')).toBe('{"status":"success","data":["a","b","c"]}\n');
    expect(await body('/label/env/values')).toBe('{"status":"success","data":["prod"]}\n');
    expect(await body('/label/app/values', { query: '{env="prod"}' })).toBe('{"status":"success","data":["a","b"]}\n');
  });

  test('that no stream has are no data, metadata among them', async () => {
    for (const name of ['nosuch', 'trace', 'parsed']) {
      expect(await body(`/label/${name}/values`)).toBe('{"status":"success"}\n');
    }
  });
});

describe('C31: series', () => {
  test('are the label sets of streams', async () => {
    for (const name of ['match', 'match[]']) {
      const { data } = JSON.parse(await body('/series', { [name]: '{env="prod"}' })) as { data: unknown[] };
      expect(data).toHaveLength(2);
      expect(data).toEqual(
        expect.arrayContaining([
          { app: 'a', env: 'prod' },
          { app: 'b', env: 'prod' },
        ]),
      );
    }
  });

  test('are all of them without a selector, or with an empty one', async () => {
    for (const parameters of [{}, { match: '{ }' }]) {
      expect((JSON.parse(await body('/series', parameters)) as { data: unknown[] }).data).toHaveLength(3);
    }
  });

  test('that are none are an empty list', async () => {
    expect(await body('/series', { match: '{app="none"}' })).toBe('{"status":"success","data":[]}\n');
  });

  test('of an empty selector among others are refused', async () => {
    const path = `${V1}/series?match=%7B%7D&match=%7Bapp%3D%22a%22%7D`;
    expect(await rows.http(`${path}&`, {})).toMatchObject({ status: 400, body: '0 matchers in group: {}' });
  });
});
