import { raise } from '../../wire/fault.js';

/** RFC 7230 token characters. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+/;
const PARAMETERS =
  /^(?:;[ \t]*(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+=(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+|"(?:[^"\\]|\\.)*")[ \t]*)?)*$/;

/**
 * The media type of a Content-Type header, in lower case and without its parameters. Throws a FaultError (`bad-request`)
 * in the words of Go's mime package.
 */
export function mediaType(header: string): string {
  const semicolon = header.indexOf(';');
  const type = (semicolon === -1 ? header : header.slice(0, semicolon)).trim().toLowerCase();
  if (type === '') raise('bad-request', 'mime: no media type');
  const main = TOKEN.exec(type)?.[0] ?? '';
  if (main === '') raise('bad-request', 'mime: no media type');
  if (main !== type) {
    if (type[main.length] !== '/') raise('bad-request', 'mime: expected slash after first token');
    const sub = TOKEN.exec(type.slice(main.length + 1))?.[0] ?? '';
    if (sub === '') raise('bad-request', 'mime: expected token after slash');
    if (main.length + 1 + sub.length !== type.length) {
      raise('bad-request', 'mime: unexpected content after media subtype');
    }
  }
  const parameters = semicolon === -1 ? '' : header.slice(semicolon);
  if (!hasParameters(parameters)) raise('bad-request', 'mime: invalid media parameter');
  return type;
}

function hasParameters(text: string): boolean {
  return text.length <= 1024 && PARAMETERS.test(text);
}
