import { describe, expect, it } from 'vitest';
import { fakeApi, fakeClient, ok, request, search } from '../../test/support/api.js';
import type { Client } from './client.js';

const LABELS = '/loki/api/v1/detected_labels';
const FIELDS = '/loki/api/v1/detected_fields';
const VALUES = '/loki/api/v1/detected_field/level/values';
const bounds = { start: '1793491200000000000', end: '2026-11-01T02:00:00.000Z' };

async function ask(path: string, parameters: Record<string, string>, answers: Partial<Client> = {}) {
  const client = fakeClient(answers);
  const headers = { 'x-query-tags': 'Source=test' };
  const reply = await request(fakeApi(client), `${path}?${search({ ...bounds, ...parameters })}`, { headers });
  return { reply, question: client.calls[0]?.argument };
}

describe('detected labels', () => {
  it('stand under detectedLabels, without a status', async () => {
    const labels = [{ label: 'app', cardinality: 2 }];
    const { reply } = await ask(LABELS, { query: '{a="b"}' }, { detectedLabels: async () => ok(labels) });
    expect(JSON.parse(reply.body)).toEqual({ detectedLabels: labels });
  });

  it('that are none are an empty object', async () => {
    expect((await ask(LABELS, { query: '{a="b"}' })).reply.body.trim()).toBe('{}');
  });

  it.each(['', '{}', ' { } '])('of %j are those of all streams', async (query) => {
    expect((await ask(LABELS, { query })).question).toMatchObject({ selectors: [] });
  });
});

describe('detected fields', () => {
  it('have parsers or null, and a path where they come from JSON', async () => {
    const fields = [
      { label: 'pod', type: 'string', cardinality: 5, parsers: [], jsonPath: [] },
      { label: 'user_id', type: 'int', cardinality: 3, parsers: ['json', 'logfmt'], jsonPath: ['user', 'id'] },
    ] as const;
    const { reply } = await ask(FIELDS, { query: '{a="b"}' }, { detectedFields: async () => ok(fields) });
    expect(JSON.parse(reply.body)).toEqual({
      fields: [
        { label: 'pod', type: 'string', cardinality: 5, parsers: null },
        { label: 'user_id', type: 'int', cardinality: 3, parsers: ['json', 'logfmt'], jsonPath: ['user', 'id'] },
      ],
      limit: 1000,
    });
  });

  it('that are none are an empty object', async () => {
    expect((await ask(FIELDS, { query: '{a="b"}' })).reply.body.trim()).toBe('{}');
  });

  it('are asked for with Loki’s defaults', async () => {
    expect((await ask(FIELDS, { query: '{a="b"} | json' })).question).toEqual({
      ...{ tenant: 'fake', query: '{a="b"} | json', lineLimit: 100, limit: 1000, tags: 'Source=test' },
      ...{ start: 1793491200n * 10n ** 9n, end: 1793498400n * 10n ** 9n },
    });
  });

  it('are asked for with limits of lines and fields, of which one has two names', async () => {
    const both = { query: '{a="b"}', line_limit: '7', field_limit: '8' };
    expect((await ask(FIELDS, both)).question).toMatchObject({ lineLimit: 7, limit: 8 });
    expect((await ask(FIELDS, { ...both, limit: '9' })).question).toMatchObject({ limit: 9 });
  });

  it.each([
    [{ query: '' }, 'parse error : syntax error: unexpected $end'],
    [{ line_limit: '0' }, 'limit must be a positive value'],
    [{ limit: '-1' }, 'limit must be a positive value'],
    [{ step: '0' }, 'zero or negative query resolution step widths are not accepted'],
    [{ start: '2', end: '1' }, 'end timestamp must not be before or equal to start time'],
  ])('with %j are refused', async (parameters, why) => {
    const { reply, question } = await ask(FIELDS, { query: '{a="b"}', ...parameters });
    expect(reply.status).toBe(400);
    expect(reply.body).toContain(why);
    expect(question).toBeUndefined();
  });
});

describe('values of a detected field', () => {
  it('stand under values, beside the limit', async () => {
    const answers = { detectedFieldValues: async () => ok(['info', 'warn']) };
    const { reply, question } = await ask(VALUES, { query: '{a="b"}', limit: '50' }, answers);
    expect(JSON.parse(reply.body)).toEqual({ values: ['info', 'warn'], limit: 50 });
    expect(question).toMatchObject({ name: 'level', limit: 50 });
  });

  it('that are none are an empty object', async () => {
    expect((await ask(VALUES, { query: '{a="b"}' })).reply.body.trim()).toBe('{}');
  });
});
