import { quoteGo } from '../../src/wire/labels.js';

/** Numbers with units as label values may have them (A56). All throw an Error with Go's text. */

export function parseFloatGo(text: string): number {
  const plain = text.replace(/(?<=\d)_(?=\d)/g, '');
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain)) return Number(plain);
  if (/^[+-]?inf(inity)?$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  if (/^[+-]?nan$/i.test(text)) return NaN;
  throw new Error(`strconv.ParseFloat: parsing ${quoteGo(text)}: invalid syntax`);
}

const NS: Record<string, number> = { ns: 1, us: 1e3, µs: 1e3, μs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };

/** Nanoseconds. */
export function parseDurationGo(text: string): number {
  const unsigned = text.replace(/^[+-]/, '');
  if (unsigned === '0') return 0;
  if (unsigned === '') throw new Error(`time: invalid duration ${quoteGo(text)}`);
  let total = 0;
  let rest = unsigned;
  while (rest !== '') {
    const number = /^(\d+\.?\d*|\.\d+)/.exec(rest)?.[0];
    if (number === undefined) throw new Error(`time: invalid duration ${quoteGo(text)}`);
    const unit = /^[^\d.]*/.exec(rest.slice(number.length))![0];
    if (unit === '') throw new Error(`time: missing unit in duration ${quoteGo(text)}`);
    const scale = NS[unit];
    if (scale === undefined) throw new Error(`time: unknown unit ${quoteGo(unit)} in duration ${quoteGo(text)}`);
    total += Math.trunc(Number(number) * scale);
    rest = rest.slice(number.length + unit.length);
  }
  return text.startsWith('-') ? -total : total;
}

const POWERS = ['k', 'm', 'g', 't', 'p', 'e'];

export function parseBytes(text: string): number {
  const digits = /^[\d.,]*/.exec(text)![0];
  const number = parseFloatGo(digits.replaceAll(',', ''));
  const unit = text.slice(digits.length).trim().toLowerCase();
  const [, power = '', binary = ''] = /^([kmgtpe]?)(i?)b?$/.exec(unit) ?? [];
  if (!/^([kmgtpe]i?)?b?$/.test(unit)) throw new Error(`unhandled size name: ${unit}`);
  return Math.trunc(number * (binary === 'i' ? 1024 : 1000) ** (POWERS.indexOf(power) + 1));
}
