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
  readonly rows: readonly (readonly string[])[];
}

export function tablePage({ title, remark, columns, rows }: Table): ApiResponse {
  const head = columns.map((column) => `<th>${escaped(column)}</th>`).join('');
  const body = rows.map((row) => `<tr>${row.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`);
  return {
    status: 200,
    headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': "default-src 'none'" },
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

function escaped(content: string): string {
  return content.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** `2026-11-02T00:00:00.000Z`; '' for a time there is none of. */
export function isoTime(ms: number | undefined): string {
  return ms === undefined ? '' : new Date(ms).toISOString();
}
