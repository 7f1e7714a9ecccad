/** Ring pages: who takes part in what. HTML for browsers, JSON for programs. */
import { type ApiRequest, type ApiResponse, type Handler, json, text } from './exchange.js';
import type { RingMember, RingName } from './process.js';

/** `GET /ring`, `/distributor/ring` and so on; 404 where nothing in this process has that role. */
export function ring(name: RingName): Handler {
  return (request, api) => {
    const members = api.process.ring(name);
    if (members === undefined) return text(`this process has no ${name}, and no ring of them\n`, 404);
    return wantsJson(request) ? ringJson(members, api.now()) : ringPage(name, members);
  };
}

/** `GET /memberlist`. */
export const memberlist: Handler = () => text('This process does not use memberlist: see /ring.\n');

function wantsJson(request: ApiRequest): boolean {
  return request.header('accept').includes('application/json');
}

/** As dskit has it. Tokens are not listed: owners follow from the names of the members. */
function ringJson(members: readonly RingMember[], now: bigint): ApiResponse {
  const time = new Date(Number(now / 1_000_000n)).toISOString();
  const shards = members.map((member) => ({ ...member, timestamp: time, zone: '', tokens: [] }));
  return json(`${JSON.stringify({ shards, now: time })}\n`);
}

function ringPage(name: string, members: readonly RingMember[]): ApiResponse {
  const rows = members.map(({ id, state, address }) => `<tr>${[id, state, address].map(cell).join('')}</tr>`);
  const title = `${name} ring`;
  return {
    status: 200,
    headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': "default-src 'none'" },
    body: `<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>${title}</title></head>
<body>
<h1>${title}</h1>
<table border="1">
<thead><tr><th>Instance</th><th>State</th><th>Address</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
</body>
</html>
`,
  };
}

function cell(content: string): string {
  const escaped = content.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
  return `<td>${escaped}</td>`;
}
