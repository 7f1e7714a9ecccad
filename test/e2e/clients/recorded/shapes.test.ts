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

beforeAll(async () => {
  [full, empty] = await Promise.all([startServer(), startServer()]);
  await pushHalves(full.client, [...dataset(BASE), ...billing(BASE)]);
});

describe.each(CLIENTS)('%s', (_, exchanges) => {
  describe.each([
    ['over data', () => full],
    ['over nothing', () => empty],
  ])('%s', (_, server) => {
    it.each(exchanges)('$name', async (exchange) => {
      const { status, headers, text } = await send(server().url, exchange);
      expect({ status, text: status === 200 ? '' : text }).toEqual({ status: 200, text: '' });
      expect(headers['content-type']).toMatch(/^application\/json/);
      const { error } = exchange.answer.safeParse(JSON.parse(text));
      expect(error?.issues, text.slice(0, 500)).toBeUndefined();
    });
  });
});
