import { describe, expect, it } from 'vitest';
import { EMPTY_ANSWER, fakeApi, fakeClient, ok, request, search } from '../../test/support/api.js';
import { DEFAULT_LIMITS } from '../wire/limits.js';
import type { QueryAnswer } from '../wire/query.js';

const VOLUME = '/loki/api/v1/index/volume';
const RANGE = '/loki/api/v1/index/volume_range';
const bounds = { start: '2026-11-01T00:00:00.000Z', end: '1793498400000000000' };

/** What the client was asked, and the reply. */
async function ask(path: string, parameters: Record<string, string>) {
  const client = fakeClient();
  const reply = await request(fakeApi(client), `${path}?${search({ ...bounds, ...parameters })}`);
  return { reply, question: client.calls[0]?.argument };
}

describe('a volume question', () => {
  it('has Loki’s defaults', async () => {
    const { question } = await ask(VOLUME, { query: '{app="x"}' });
    expect(question).toEqual({
      tenant: 'fake',
      ...{ start: 1793491200n * 10n ** 9n, end: 1793498400n * 10n ** 9n, selectors: ['{app="x"}'] },
      ...{ stepNs: 0, targetLabels: [], aggregateBy: 'series', limit: 100 },
    });
  });

  it('takes what it is told', async () => {
    const told = { query: '{}', targetLabels: 'app,env', aggregateBy: 'labels', limit: '7', step: '60' };
    const asked = { selectors: [], targetLabels: ['app', 'env'], aggregateBy: 'labels', limit: 7 };
    expect((await ask(VOLUME, told)).question).toMatchObject({ ...asked, stepNs: 0 });
    expect((await ask(RANGE, told)).question).toMatchObject({ ...asked, stepNs: 60e9 });
  });

  it('of a range has the step of a range query', async () => {
    expect((await ask(RANGE, { query: '{}' })).question).toMatchObject({ stepNs: 28e9 });
  });

  it('with a limit of zero has the default', async () => {
    expect((await ask(VOLUME, { query: '{}', limit: '0' })).question).toMatchObject({ limit: 100 });
  });

  it.each([
    [{ aggregateBy: 'pods' }, 'invalid aggregation option'],
    [{ limit: '-1' }, 'limit must be a positive value'],
    [{ limit: 'x' }, 'strconv.Atoi: parsing "x": invalid syntax'],
    [{ start: '2', end: '1' }, 'end timestamp must not be before or equal to start time'],
  ])('with %j is refused', async (parameters, why) => {
    const { reply, question } = await ask(VOLUME, { query: '{}', ...parameters });
    expect(reply).toMatchObject({ status: 400, body: why });
    expect(question).toBeUndefined();
  });

  it('of a range with too many steps is refused', async () => {
    expect((await ask(RANGE, { query: '{}', step: '0.1' })).reply.status).toBe(400);
  });
});

describe('a volume answer', () => {
  it('is that of a metric query', async () => {
    const result: QueryAnswer['result'] = {
      type: 'vector',
      samples: [{ labels: [['app', 'x']], timeMs: 1_793_498_400_000, value: 690_176 }],
    };
    const client = fakeClient({ volume: async () => ok({ ...EMPTY_ANSWER, result }) });
    const { body } = await request(fakeApi(client), `${VOLUME}?query={}`);
    expect(JSON.parse(body)).toMatchObject({
      status: 'success',
      data: { resultType: 'vector', result: [{ metric: { app: 'x' }, value: [1793498400, '690176'] }] },
    });
  });

  it.each([VOLUME, RANGE])('of %s is 404 for a tenant who has volumes switched off', async (path) => {
    const limits = () => ({ ...DEFAULT_LIMITS, volume_enabled: false });
    expect((await request(fakeApi(fakeClient(), { limits }), `${path}?query={}`)).status).toBe(404);
  });
});
