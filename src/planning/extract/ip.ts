/** An address in 32-bit words, most significant first: one for IPv4, four for IPv6. */
export type IpAddress = Uint32Array;

/** Addresses from low to high, both included; of one family, told by the number of words. */
export interface IpMatcher {
  readonly low: IpAddress;
  readonly high: IpAddress;
}

/**
 * Parses the operand of `ip("...")`: an address, a prefix such as `10.0.0.0/8`, or a range such as
 * `10.0.0.1-10.0.0.9`, as Go's `net/netip` reads them. Throws an Error with Loki's text.
 */
export function parseIpMatcher(text: string): IpMatcher {
  const matcher = parseSingle(text) ?? parsePrefix(text) ?? parseRange(text);
  if (matcher === null) throw new Error(`ip: invalid pattern: ${JSON.stringify(text)}`);
  return matcher;
}

export function ipMatches({ low, high }: IpMatcher, address: IpAddress): boolean {
  return address.length === low.length && compareIps(low, address) <= 0 && compareIps(address, high) <= 0;
}

/** Null when the text is no address. */
export function parseIpAddress(text: string): IpAddress | null {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

function parseSingle(text: string): IpMatcher | null {
  const zone = text.indexOf('%');
  const address = parseIpAddress(zone < 0 ? text : text.slice(0, zone));
  if (address === null || (zone >= 0 && (address.length !== 4 || zone + 1 === text.length))) return null;
  // An address with a zone equals none without, and text in lines never has one.
  return zone < 0 ? { low: address, high: address } : { low: Uint32Array.of(1, 0, 0, 0), high: new Uint32Array(4) };
}

function parsePrefix(text: string): IpMatcher | null {
  const slash = text.lastIndexOf('/');
  const bits = text.slice(slash + 1);
  const address = slash < 0 ? null : parseIpAddress(text.slice(0, slash));
  if (address === null || !/^(0|[1-9][0-9]{0,2})$/.test(bits) || Number(bits) > 32 * address.length) return null;
  const masks = address.map((_, word) => maskOf(Number(bits) - 32 * word));
  return {
    low: address.map((value, word) => (value & masks[word]!) >>> 0),
    high: address.map((value, word) => (value | ~masks[word]!) >>> 0),
  };
}

function maskOf(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 32 ? 0xffffffff : (0xffffffff << (32 - bits)) >>> 0;
}

function parseRange(text: string): IpMatcher | null {
  const dash = text.indexOf('-');
  if (dash < 0) return null;
  const low = parseIpAddress(text.slice(0, dash));
  const high = parseIpAddress(text.slice(dash + 1));
  if (low === null || high === null || low.length !== high.length || compareIps(low, high) > 0) return null;
  return { low, high };
}

function compareIps(a: IpAddress, b: IpAddress): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
}

/** Four decimal numbers up to 255 without leading zeros. */
function parseIpv4(text: string): IpAddress | null {
  const parts = text.split('.', 5);
  if (parts.length !== 4) return null;
  let word = 0;
  for (const part of parts) {
    if (!/^(0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return null;
    word = word * 256 + Number(part);
  }
  return Uint32Array.of(word);
}

/** RFC 4291: eight groups, one run of zeros as `::`, the last two groups possibly as an IPv4 address. */
function parseIpv6(text: string): IpAddress | null {
  if (text.length > 45) return null;
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const head = parseGroups(halves[0]!, halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1]!, true) : [];
  if (head === null || tail === null) return null;
  const zeros = 8 - head.length - tail.length;
  if (halves.length === 1 ? zeros !== 0 : zeros < 1) return null;
  const groups = [...head, ...new Array<number>(zeros).fill(0), ...tail];
  return Uint32Array.from({ length: 4 }, (_, word) => groups[2 * word]! * 65536 + groups[2 * word + 1]!);
}

function parseGroups(text: string, last: boolean): number[] | null {
  if (text === '') return [];
  const parts = text.split(':');
  const groups: number[] = [];
  for (const [i, part] of parts.entries()) {
    const ipv4 = last && i === parts.length - 1 && part.includes('.') ? parseIpv4(part) : null;
    if (ipv4 !== null) groups.push(ipv4[0]! >>> 16, ipv4[0]! & 0xffff);
    else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else return null;
  }
  return groups;
}
