import { formatBytes, formatCount, plural } from '../human.js';
import type { ObjectDescription, SectionDescription } from './describe.js';

const STREAMS_SHOWN = 20;

/** The description for people. */
export function descriptionText(object: ObjectDescription, allStreams: boolean): string {
  const ratio = object.rawBytes === 0 ? '' : `, ${(object.bytes / object.rawBytes).toFixed(3)} stored per raw byte`;
  const shown = allStreams ? object.streams : object.streams.slice(0, STREAMS_SHOWN);
  const hidden = object.streams.length - shown.length;
  return [
    `${object.path}: ${formatBytes(object.bytes)}, tenant ${object.tenant}`,
    `${plural(object.rows, 'row')}, ${formatBytes(object.rawBytes)} raw${ratio}`,
    `${object.from} to ${object.to}`,
    `sequence numbers ${object.sequence[0]} to ${object.sequence[1]} of ${object.writer}`,
    '',
    table(
      ['part', 'offset', 'bytes', 'checksum'],
      object.parts.map(({ type, offset, bytes, checksum }) => [type, String(offset), formatBytes(bytes), checksum]),
    ),
    ...object.sections.map(sectionText),
    table(
      ['rows', 'bytes', 'stream'],
      shown.map(({ rows, bytes, labels }) => [formatCount(rows), formatBytes(bytes), labels]),
    ),
    ...(hidden > 0 ? [`and ${plural(hidden, 'stream')} more; --streams shows all\n`] : []),
  ].join('\n');
}

function sectionText({ section, rows, pages, from, to, columns }: SectionDescription): string {
  const head = `section ${section}: ${plural(rows, 'row')} on ${plural(pages, 'page')}, ${from} to ${to}`;
  const lines = table(
    ['column', 'encoding', 'stored', 'raw', 'without'],
    columns.map(({ name, encoding, storedBytes, rawBytes, nulls }) => [
      name,
      encoding,
      formatBytes(storedBytes),
      formatBytes(rawBytes),
      formatCount(nulls),
    ]),
  );
  return `${head}\n${lines}`;
}

/** Columns of equal width, figures to the right. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, i) => Math.max(...all.map((row) => row[i]!.length)));
  const figures = head.map((_, i) => rows.length > 0 && rows.every((row) => /^[\d,.]+(?: [kMGT]?B)?$/.test(row[i]!)));
  const line = (row: readonly string[]): string =>
    row.map((cell, i) => (figures[i] ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!))).join('  ');
  return `${all.map((row) => `  ${line(row)}`.trimEnd()).join('\n')}\n`;
}
