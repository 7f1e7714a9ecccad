import { type IpMatcher, ipMatches, parseIpAddress, parseIpMatcher } from '../../planning/extract/ip.js';
import { type LineMatcher, PredicateMatcher } from './line-matcher.js';

/** The filter `|= ip("...")`: lines with an address that matches. Throws an Error with Loki's text. */
export function compileIpLineFilter(pattern: string): LineMatcher {
  const ip = parseIpMatcher(pattern);
  return new PredicateMatcher((bytes, start, end) => holdsIp(ip, bytes, start, end));
}

/** The label filter `x=ip("...")`: text with an address that matches. Throws an Error with Loki's text. */
export function compileIpMatcher(pattern: string): (text: string) => boolean {
  const ip = parseIpMatcher(pattern);
  return (text) => {
    const bytes = Buffer.from(text);
    return holdsIp(ip, bytes, 0, bytes.length);
  };
}

const DOT = 0x2e;
const COLON = 0x3a;

const DIGIT = 1;
const HEX = 2;
const IN_IPV4 = 4;
const IN_IPV6 = 8;

/** What a byte may be part of. */
const KIND = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte >= 0x30 && byte <= 0x39) return DIGIT | HEX | IN_IPV4 | IN_IPV6;
  const letter = byte | 0x20;
  if (byte >= 0x41 && letter >= 0x61 && letter <= 0x66) return HEX | IN_IPV6;
  return byte === DOT ? IN_IPV4 | IN_IPV6 : byte === COLON ? IN_IPV6 : 0;
});

const LONGEST_ADDRESS = 45;

/**
 * Looks for addresses as Loki does: where a digit is soon followed by a dot or hexadecimal digits by a colon, the
 * longest run of characters that addresses are made of is read as one, and the search goes on behind it.
 */
function holdsIp(ip: IpMatcher, bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const kind = KIND[bytes[at]!]!;
    if (kind === 0) continue;
    const charset = startsIpv4(bytes, at, end) ? IN_IPV4 : startsIpv6(bytes, at, end) ? IN_IPV6 : 0;
    if (charset === 0) continue;
    let stop = at + 1;
    while (stop < end && (KIND[bytes[stop]!]! & charset) !== 0) stop++;
    if (stop - at <= LONGEST_ADDRESS) {
      const address = parseIpAddress(bytes.latin1Slice(at, stop));
      if (address !== null && ipMatches(ip, address)) return true;
    }
    at = stop; // the byte behind the run belongs to no address either
  }
  return false;
}

function startsIpv4(bytes: Buffer, at: number, end: number): boolean {
  if (at + 3 >= end || (KIND[bytes[at]!]! & DIGIT) === 0) return false;
  return bytes[at + 1] === DOT || bytes[at + 2] === DOT || bytes[at + 3] === DOT;
}

function startsIpv6(bytes: Buffer, at: number, end: number): boolean {
  if (at + 4 >= end) return false;
  if (bytes[at] === COLON) return bytes[at + 1] === COLON && (KIND[bytes[at + 2]!]! & HEX) !== 0;
  for (let digits = 0; digits <= 4; digits++) {
    const byte = bytes[at + digits]!;
    if (byte === COLON) return digits > 0;
    if ((KIND[byte]! & HEX) === 0) return false;
  }
  return false;
}
