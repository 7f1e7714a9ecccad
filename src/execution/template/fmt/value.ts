import { formatGoG } from '../../../wire/go-format.js';
import { checkSize, printedDepthMax } from '../limits.js';
import { formatTime, timeString } from '../time/format.js';
import { durationString, monthName, weekdayName } from '../time/names.js';
import { Time } from '../time/time.js';
import { Zone } from '../time/zone.js';
import { Complex, Int, Interface, ListValue, MapValue, typeName, type Value } from '../value.js';
import { formatFloat } from './float.js';
import { formatInteger } from './integer.js';
import { PLAIN, pad, type Spec } from './spec.js';
import { formatText } from './text.js';

/** `%v`: how a template prints a value, nil apart. */
export function formatPlain(value: Value): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return formatGoG(value);
  const isPlainInt = value instanceof Int && !value.type.startsWith('time.');
  return isPlainInt ? String(value.value) : formatValue(value, PLAIN);
}

/** One argument under one verb; a verb that does not fit shows as `%!d(string=hi)`. */
export function formatValue(value: Value, spec: Spec, depth = 0): string {
  if (value instanceof Interface) return formatValue(value.value, spec, depth);
  if (value === undefined) return formatNil(spec, depth);
  if (spec.verb === 'T') return pad(typeName(value), spec);
  return formatKind(value, spec, depth) ?? badVerb(value, spec);
}

function formatNil(spec: Spec, depth: number): string {
  if (depth > 0) return spec.goSyntax ? 'interface {}(nil)' : '<nil>';
  return spec.verb === 'T' || spec.verb === 'v' ? pad('<nil>', spec) : `%!${spec.verb}(<nil>)`;
}

function badVerb(value: Exclude<Value, undefined>, spec: Spec): string {
  const shown = formatKind(value, { ...spec, verb: 'v', erroring: true }, 0) ?? '';
  return `%!${spec.verb}(${typeName(value)}=${shown})`;
}

function formatKind(value: Exclude<Value, undefined>, spec: Spec, depth: number): string | null {
  switch (typeof value) {
    case 'string':
      return formatText(value, spec);
    case 'boolean':
      return spec.verb === 't' || spec.verb === 'v' ? pad(String(value), spec) : null;
    case 'number':
      return formatFloat(value, spec);
  }
  const self = ownText(value, spec);
  if (self !== null) return formatText(self, { ...spec, goSyntax: false });
  if (value instanceof Int) return formatInteger(value.value, spec, value.type === 'uint8');
  if (value instanceof Complex) return formatComplex(value, spec);
  if (depth > printedDepthMax) throw new Error('value nests too deep to be printed');
  if (value instanceof MapValue) return formatMap(value, spec, depth);
  if (value instanceof ListValue) return formatList(value, spec, depth);
  return null;
}

const STRING_VERBS = 'vsxXq';

/** What String() says, for the types that have one and the verbs that ask for it. */
function ownText(value: Value, spec: Spec): string | null {
  const asks = STRING_VERBS.includes(spec.verb) && !spec.erroring;
  if (value instanceof Time) return asks ? timeString(value) : formatTime(value, '2006-01-02T15:04:05.999999999Z07:00');
  if (value instanceof Zone) return value.name;
  if (!(value instanceof Int) || !asks || spec.goSyntax) return null;
  switch (value.type) {
    case 'time.Month':
      return monthName(value.value);
    case 'time.Weekday':
      return weekdayName(value.value);
    case 'time.Duration':
      return durationString(value.value);
    default:
      return null;
  }
}

function formatComplex(value: Complex, spec: Spec): string | null {
  const real = formatFloat(value.real, spec);
  const imaginary = formatFloat(value.imaginary, { ...spec, plus: true });
  return real === null || imaginary === null ? null : `(${real}${imaginary}i)`;
}

function formatMap(map: MapValue, spec: Spec, depth: number): string {
  const parts = new Parts();
  for (const key of map.keys()) {
    parts.add(`${formatValue(key, spec, depth + 1)}:${formatValue(map.get(key), spec, depth + 1)}`);
  }
  return spec.goSyntax ? `${map.type}{${parts.join(', ')}}` : `map[${parts.join(' ')}]`;
}

function formatList(list: ListValue, spec: Spec, depth: number): string {
  const parts = new Parts();
  for (let i = 0; i < list.length; i++) parts.add(formatValue(list.at(i), spec, depth + 1));
  return spec.goSyntax ? `${list.type}{${parts.join(', ')}}` : `[${parts.join(' ')}]`;
}

/** Texts to be joined, bounded as they are made: a width applies to every element. */
class Parts {
  private readonly parts: string[] = [];
  private size = 0;

  add(part: string): void {
    this.size += part.length + 1;
    checkSize(this.size);
    this.parts.push(part);
  }

  join(separator: string): string {
    return this.parts.join(separator);
  }
}
