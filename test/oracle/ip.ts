/** `ip("…")`: an address, a CIDR block or a range (A38). Addresses are numbers of their family. */
interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

export type IpTest = (address: string) => boolean;

export function ipTest(pattern: string): IpTest {
  const [from, to] = bounds(pattern);
  return (text) => {
    const address = parseAddress(text);
    return (
      address !== undefined && address.bits === from.bits && address.value >= from.value && address.value <= to.value
    );
  };
}

/** Whether anything in the line that looks like an address passes. */
export function anyAddress(line: string, test: IpTest): boolean {
  return [...(line.match(/[\d.]+/g) ?? []), ...(line.match(/[\da-fA-F:.]+/g) ?? [])].some(test);
}

function bounds(pattern: string): [Address, Address] {
  if (pattern.includes('-')) {
    const [from, to] = pattern.split('-').map((part) => parseAddress(part.trim())!);
    return [from!, to!];
  }
  const [text, length] = pattern.split('/');
  const address = parseAddress(text!)!;
  if (length === undefined) return [address, address];
  const host = BigInt(address.bits) - BigInt(length);
  const value = (address.value >> host) << host;
  return [
    { ...address, value },
    { ...address, value: value + (1n << host) - 1n },
  ];
}

function parseAddress(text: string): Address | undefined {
  return text.includes(':') ? parseV6(text) : parseV4(text);
}

function parseV4(text: string): Address | undefined {
  const parts = text.split('.');
  const isFit = parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
  return isFit ? { bits: 32, value: parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n) } : undefined;
}

function parseV6(text: string): Address | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [left, right = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - left!.length - right.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...left!, ...Array.from({ length: missing }, () => '0'), ...right];
  if (!groups.every((group) => /^[\da-fA-F]{1,4}$/.test(group))) return undefined;
  return { bits: 128, value: groups.reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n) };
}
