/** Ring pages: who takes part in what, and who is to be forgotten. HTML for browsers, JSON for programs. */
import { raise } from '../wire/fault.js';
import { type ApiResponse, type Handler, json, text } from './exchange.js';
import { valueOrRaise } from './metadata.js';
import { ownSiteOnly } from './operations.js';
import { type Cell, isoTime, tablePage, wantsJson } from './page.js';
import type { RingMember, RingName } from './process.js';

/**
 * `GET /ring`, `/distributor/ring` and so on; 404 where nothing in this cluster has that role. `POST` with `forget=ID` makes
 * the cluster forget an unhealthy instance, and answers a browser as dskit does: back to the page.
 */
export function ring(name: RingName): Handler {
  const shown = showRing(name);
  const forget = ownSiteOnly((request, api) => {
    const id = request.parameters.get('forget');
    if (id === '') raise('bad-request', 'forget=ID is missing: the instance to forget');
    valueOrRaise(api.process.forget(name, id));
    return wantsJson(request) ? shown(request, api) : { status: 302, headers: { location: '#' }, body: '' };
  });
  return (request, api) => (request.method === 'POST' ? forget : shown)(request, api);
}

function showRing(name: RingName): Handler {
  return (request, api) => {
    const members = api.process.ring(name);
    if (members === undefined) return text(`this process has no ${name}, and no ring of them\n`, 404);
    return wantsJson(request) ? ringJson(members, Number(api.now() / 1_000_000n)) : ringPage(name, members);
  };
}

/** As dskit has it, and the share. Tokens are not listed: owners follow from the names of the members. */
function ringJson(members: readonly RingMember[], nowMs: number): ApiResponse {
  const shards = members.map(({ id, state, address, zone, registeredMs, heardMs, share }) => ({
    ...{ id, state, address, zone, tokens: [] },
    timestamp: isoTime(heardMs),
    registered_timestamp: isoTime(registeredMs),
    ...(share === undefined ? {} : { share }),
  }));
  return json(`${JSON.stringify({ shards, now: isoTime(nowMs) })}\n`);
}

function ringPage(name: string, members: readonly RingMember[]): ApiResponse {
  const rows = members.map(({ id, state, address, zone, registeredMs, heardMs, share }): Cell[] => [
    ...[id, state, address, zone, isoTime(registeredMs), isoTime(heardMs)],
    share === undefined ? '' : `${(share * 100).toFixed(1)}%`,
    state === 'UNHEALTHY' ? { name: 'forget', value: id, label: 'Forget' } : '',
  ]);
  const columns = ['Instance', 'State', 'Address', 'Zone', 'Registered', 'Last heard', 'Share', 'Actions'];
  return tablePage({ title: `${name} ring`, remark: '', columns, rows });
}
