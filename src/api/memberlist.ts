/** `GET /memberlist`: every process this one knows of. HTML for browsers, JSON for programs. */
import { type Handler, json, text } from './exchange.js';
import { isoTime, tablePage, wantsJson } from './page.js';
import type { Gossiper } from './process.js';

export const memberlist: Handler = (request, api) => {
  const members = api.process.memberlist();
  if (members === undefined)
    return text('This process is no part of a cluster and does not use memberlist: see /ring.\n');
  if (wantsJson(request)) return json(`${JSON.stringify({ members: members.map(memberJson) })}\n`);
  return tablePage({
    title: 'Memberlist',
    remark: 'The dead and those who left are forgotten after a while.',
    columns: ['Name', 'Status', 'Roles', 'State', 'Address', 'Zone', 'Registered', 'Last heard', 'Incarnation'],
    rows: members.map(({ name, status, roles, state, address, zone, registeredMs, heardMs, incarnation }) => [
      ...[name, status, roles.join(', '), state, address, zone, isoTime(registeredMs), isoTime(heardMs)],
      String(incarnation),
    ]),
  });
};

function memberJson({ registeredMs, heardMs, ...member }: Gossiper): object {
  return { ...member, registered: isoTime(registeredMs), heard: isoTime(heardMs) };
}
