import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fakeApi, fakeClient, request, search } from '../../test/support/api.js';

const NAMES = ['query', 'start', 'end', 'since', 'step', 'interval', 'limit', 'direction', 'time', 'explain', 'match'];
const PATHS = ['query', 'query_range', 'labels', 'label/x/values', 'series', 'index/stats', 'format_query'];
/** Random text, and text that nearly means something. */
const value = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.stringMatching(/^[-+]?[0-9._eExXnNaAiIfFpP]{0,24}$/),
  fc.stringMatching(/^[0-9]{1,20}(ms|[smhdwy]|\.[0-9]{1,20})?$/),
  fc.stringMatching(
    /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{0,12})?(Z|[+-][0-9]{2}:[0-9]{2})?$/,
  ),
);

it('no parameter, however odd, is a failure of ours', async () => {
  const api = fakeApi(fakeClient());
  const parameters = fc.dictionary(fc.constantFrom(...NAMES), value);
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...PATHS), parameters, async (path, given) => {
      const { status, body } = await request(api, `/loki/api/v1/${path}?${search(given)}`);
      expect([200, 400], body).toContain(status);
    }),
    { numRuns: 500 },
  );
});

it('no path, however odd, is a failure of ours', async () => {
  const api = fakeApi(fakeClient());
  const segment = fc.oneof(
    fc.webPath(),
    fc.string(),
    fc.constantFrom('/loki/api/v1/label/', '/values', '%', '//', '?'),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(segment, { maxLength: 4 }), async (segments) => {
      const { status } = await request(api, `/${segments.join('')}`);
      expect([200, 400, 404, 405, 501]).toContain(status);
    }),
    { numRuns: 500 },
  );
});
