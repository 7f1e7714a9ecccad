import { parseBytes } from '../../wire/bytesize.js';
import { formatGoDuration } from '../../wire/duration.js';
import { unreachable } from '../../wire/exhaustive.js';
import { formatGoFloat } from '../../wire/go-number.js';
import { quoteGoString } from '../../wire/go-quote.js';
import type {
  LabelExtraction,
  LabelFilter,
  LabelFormat,
  LabelPick,
  LineFilter,
  Matcher,
  Stage,
  Unwrap,
} from './ast.js';

/** One stage as Loki prints it, with its `|`. */
export function printStage(stage: Stage): string {
  switch (stage.kind) {
    case 'line-filter':
      return printLineFilter(stage);
    case 'json':
      return `| json${printExtractions(stage.extractions)}`;
    case 'logfmt': {
      const flags = `${stage.strict ? ' --strict' : ''}${stage.keepEmpty ? ' --keep-empty' : ''}`;
      return `| logfmt${flags}${printExtractions(stage.extractions)}`;
    }
    case 'regexp':
    case 'pattern':
      return `| ${stage.kind} ${quoteGoString(stage.pattern)}`;
    case 'unpack':
    case 'decolorize':
      return `| ${stage.kind}`;
    case 'label-filter':
      return `| ${printLabelFilter(stage.filter)}`;
    case 'line-format':
      return `| line_format ${quoteGoString(stage.template)}`;
    case 'label-format':
      return `| label_format ${stage.formats.map(printLabelFormat).join(',')}`;
    case 'drop':
    case 'keep':
      return `| ${stage.kind} ${stage.labels.map(printLabelPick).join(',')}`;
    default:
      return unreachable(stage);
  }
}

function printLineFilter({ op, operands }: LineFilter): string {
  const texts = operands.map(({ kind, value }) =>
    kind === 'ip' ? `ip(${quoteGoString(value)})` : quoteGoString(value),
  );
  return `${op} ${texts.join(' or ')}`;
}

function printExtractions(extractions: readonly LabelExtraction[]): string {
  if (extractions.length === 0) return '';
  return ` ${extractions.map(({ name, expression }) => `${name}=${quoteGoString(expression)}`).join(',')}`;
}

function printLabelFormat(format: LabelFormat): string {
  return `${format.name}=${format.kind === 'rename' ? format.source : quoteGoString(format.template)}`;
}

function printLabelPick(pick: LabelPick): string {
  return typeof pick === 'string' ? pick : printMatcher(pick);
}

export function printMatcher({ name, op, value }: Matcher): string {
  return `${name}${op}${quoteGoString(value)}`;
}

/** Conditions of two parts are always in parentheses, and `and` is written as a comma. */
export function printLabelFilter(filter: LabelFilter): string {
  switch (filter.kind) {
    case 'string':
      return printMatcher(filter.matcher);
    case 'number':
      return `${filter.name}${filter.op}${formatGoFloat(filter.value)}`;
    case 'duration':
      return `${filter.name}${filter.op}${formatGoDuration(filter.value)}`;
    case 'bytes':
      return `${filter.name}${filter.op}${printBytes(filter.value)}`;
    case 'ip':
      return `${filter.name}${filter.op}ip(${quoteGoString(filter.value)})`;
    case 'and':
      return `( ${printLabelFilter(filter.left)} , ${printLabelFilter(filter.right)} )`;
    case 'or':
      return `( ${printLabelFilter(filter.left)} or ${printLabelFilter(filter.right)} )`;
    default:
      return unreachable(filter);
  }
}

/** `| unwrap duration(x)`, then one text per condition. */
export function printUnwrap({ label, conversion, filters }: Unwrap): string[] {
  const source = conversion === 'none' ? label : `${conversion}(${label})`;
  return [`| unwrap ${source}`, ...filters.map((filter) => `| ${printLabelFilter(filter)}`)];
}

const DECIMAL_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
const BINARY_UNITS = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** As go-humanize prints sizes, unless that would round: then in a binary unit, or in plain bytes. */
function printBytes(bytes: number): string {
  const short = humanizeBytes(bytes);
  if (parseBytes(short) === bytes) return short;
  for (let i = BINARY_UNITS.length - 1; i >= 0; i--) {
    const size = bytes / 1024 ** (i + 1);
    if (Number.isInteger(size)) return `${formatGoFloat(size)}${BINARY_UNITS[i]}`;
  }
  return `${formatGoFloat(bytes)}B`;
}

/** Two significant digits below ten units, whole units above. */
function humanizeBytes(bytes: number): string {
  let rank = 0;
  while (rank < DECIMAL_UNITS.length - 1 && bytes >= 1000 ** (rank + 1)) rank++;
  const size = Math.floor((bytes / 1000 ** rank) * 10 + 0.5) / 10;
  return `${rank > 0 && size < 10 ? size.toFixed(1) : size.toFixed(0)}${DECIMAL_UNITS[rank]}`;
}
