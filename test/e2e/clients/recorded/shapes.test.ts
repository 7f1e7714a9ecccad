/** Every recorded request is answered in the shape that its client decodes, whether there is data or not. */
import { beforeAll, describe, expect, it } from 'vitest';
import { BASE } from '../../../support/client.js';
import { type Server, startServer } from '../../../support/server.js';
import { billing, dataset, pushHalves } from './data.js';
import { drilldownExchanges } from './drilldown.js';
import { type Exchange, grafanaExchanges } from './grafana.js';
import { logcliExchanges } from './logcli.js';
import { send } from './request.js';

const CLIENTS: readonly (readonly [name: string, exchanges: readonly Exchange[]])[] = [
  ['the Loki datasource', grafanaExchanges(BASE)],
  ['Logs Drilldown', drilldownExchanges(BASE)],
  ['logcli', logcliExchanges(BASE)],
];

let full: Server;
let empty: Server;
let tenants: Server;
const TWO_TENANTS = { 'x-scope-orgid': 'red|blue' };

beforeAll(async () => {
  const settings = ['auth_enabled=true', 'querier.multi_tenant_queries_enabled=true'];
  [full, empty, tenants] = await Promise.all([startServer(), startServer(), startServer({ settings })]);
  await pushHalves(full.client, [...dataset(BASE), ...billing(BASE)]);
  await pushHalves(tenants.client.as('red'), dataset(BASE));
  await pushHalves(tenants.client.as('blue'), [...dataset(BASE), ...billing(BASE)]);
});

describe.each(CLIENTS)('%s', (_, exchanges) => {
  describe.each([
    ['over data', () => full, {}],
    ['over nothing', () => empty, {}],
    ['over data of two tenants', () => tenants, TWO_TENANTS],
  ])('%s', (_, server, tenantHeaders) => {
    it.each(exchanges)('$name', async (exchange) => {
      const { status, headers, text } = await send(server().url, {
        ...exchange,
        headers: { ...exchange.headers, ...tenantHeaders },
      });
      expect({ status, text: status === 200 ? '' : text }).toEqual({ status: 200, text: '' });
      expect(headers['content-type']).toMatch(/^application\/json/);
      const { error } = exchange.answer.safeParse(JSON.parse(text));
      expect(error?.issues, text.slice(0, 500)).toBeUndefined();
    });
  });

  it('all at once, as a page that is opened asks', async () => {
    const answers = await Promise.all(exchanges.map((exchange) => send(full.url, exchange)));
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  });
});
