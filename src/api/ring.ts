/** Ring pages: who takes part in what. HTML for browsers, JSON for programs. */
import { type ApiResponse, type Handler, json, text } from './exchange.js';
import { isoTime, tablePage, wantsJson } from './page.js';
import type { RingMember, RingName } from './process.js';

/** `GET /ring`, `/distributor/ring` and so on; 404 where nothing in this cluster has that role. */
export function ring(name: RingName): Handler {
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
  const rows = members.map(({ id, state, address, zone, registeredMs, heardMs, share }) => [
    ...[id, state, address, zone, isoTime(registeredMs), isoTime(heardMs)],
    share === undefined ? '' : `${(share * 100).toFixed(1)}%`,
  ]);
  const columns = ['Instance', 'State', 'Address', 'Zone', 'Registered', 'Last heard', 'Share'];
  return tablePage({ title: `${name} ring`, remark: '', columns, rows });
}
