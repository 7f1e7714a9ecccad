/** Pages for people: tables without scripts, so that nothing in a name can run. */
import type { ApiRequest, ApiResponse } from './exchange.js';

export function wantsJson(request: ApiRequest): boolean {
  return request.header('accept').includes('application/json');
}

export interface Table {
  readonly title: string;
  /** A sentence below the title; '' for none. */
  readonly remark: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

export type Cell = string | Button;

/** Posts `name=value` to the page's own address. */
export interface Button {
  readonly name: string;
  readonly value: string;
  readonly label: string;
}

/** Only the page's own site may be posted to, and no other one shows the page in a frame for people to click at blindly. */
const POLICY = "default-src 'none'; form-action 'self'; frame-ancestors 'none'";

export function tablePage({ title, remark, columns, rows }: Table): ApiResponse {
  const head = columns.map((column) => `<th>${escaped(column)}</th>`).join('');
  const body = rows.map((row) => `<tr>${row.map((cell) => `<td>${cellHtml(cell)}</td>`).join('')}</tr>`);
  return {
    status: 200,
    headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': POLICY },
    body: `<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>${escaped(title)}</title></head>
<body>
<h1>${escaped(title)}</h1>
${remark === '' ? '' : `<p>${escaped(remark)}</p>\n`}<table border="1">
<thead><tr>${head}</tr></thead>
<tbody>
${body.join('\n')}
</tbody>
</table>
</body>
</html>
`,
  };
}

function cellHtml(cell: Cell): string {
  if (typeof cell === 'string') return escaped(cell);
  const { name, value, label } = cell;
  const button = `<button name="${escaped(name)}" value="${escaped(value)}">${escaped(label)}</button>`;
  return `<form method="post">${button}</form>`;
}

function escaped(content: string): string {
  return content.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** `2026-11-02T00:00:00.000Z`; '' for a time there is none of. */
export function isoTime(ms: number | undefined): string {
  return ms === undefined ? '' : new Date(ms).toISOString();
}
