/** Requests as clients put them on the wire: their own order and escaping of parameters, and all of their headers. */
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';

export type Pairs = readonly (readonly [name: string, value: string | number | bigint])[];

export interface RecordedRequest {
  /** The feature that sends it. */
  readonly name: string;
  /** GET unless told otherwise. */
  readonly method?: string;
  readonly path: string;
  /** Of the URL, escaped. */
  readonly search: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface RawResponse {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** As sent, compressed or not. */
  readonly bytes: Buffer;
  /** Decompressed. */
  readonly text: string;
}

/** Go's url.Values.Encode: sorted by name, a space is a plus. */
export function goSearch(parameters: Pairs): string {
  const sorted = [...parameters].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return sorted.map(([name, value]) => `${goEscape(name)}=${goEscape(String(value))}`).join('&');
}

/** Go's url.QueryEscape. */
function goEscape(text: string): string {
  return encodeURIComponent(text)
    .replace(/%20/g, '+')
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** A browser's: in the order given, `%20` for a space; Grafana hands the text on as it is. */
export function browserSearch(parameters: Pairs): string {
  return parameters
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`)
    .join('&');
}

/** Sends it over a connection of its own, with the headers it has and no others. */
export async function send(server: string, recorded: RecordedRequest): Promise<RawResponse> {
  const { method = 'GET', path, search, headers } = recorded;
  const url = `${server}${path}${search === '' ? '' : `?${search}`}`;
  const request = httpRequest(url, { method, headers, agent: false }).end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const pieces: Buffer[] = [];
  for await (const piece of response) pieces.push(piece as Buffer);
  const bytes = Buffer.concat(pieces);
  const plain = response.headers['content-encoding'] === 'gzip' && bytes.length > 0 ? gunzipSync(bytes) : bytes;
  return { status: response.statusCode!, headers: response.headers, bytes, text: plain.toString('utf8') };
}
