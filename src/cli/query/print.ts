import { formatLabels, type Labels, labelsOf, labelValue } from '../../wire/labels.js';
import { formatRfc3339Nano } from '../../wire/time.js';
import type { Paint } from '../paint.js';
import type { MetricData } from './answer.js';
import { commonLabels, type Entry, withoutLabels } from './entries.js';

const TEXTS = ['default', 'raw', 'jsonl', 'json'] as const;
export const OUTPUTS = [...TEXTS, 'arrow'] as const;
export type TextOutput = (typeof TEXTS)[number];
export type Output = (typeof OUTPUTS)[number];

/** Prints log entries page by page; `json` collects them into one document at the end. */
export class EntryPrinter {
  readonly #output: TextOutput;
  readonly #paint: Paint;
  readonly #hidesCommon: boolean;
  #common: string | undefined;
  #first = true;

  /** `hidesCommon`: labels that all entries of a page share are not shown with each. */
  constructor(output: TextOutput, paint: Paint, hidesCommon = true) {
    this.#hidesCommon = hidesCommon;
    this.#output = output;
    this.#paint = paint;
  }

  /** The text of one page, and a remark about the labels all its entries share. */
  page(entries: readonly Entry[]): { readonly text: string; readonly remark: string } {
    switch (this.#output) {
      case 'raw':
        return { text: lines(entries, (entry) => entry.line), remark: '' };
      case 'jsonl':
        return { text: lines(entries, jsonOf), remark: '' };
      case 'json': {
        const lead = this.#first ? '[' : ',\n';
        this.#first = false;
        return { text: lead + entries.map(jsonOf).join(',\n'), remark: '' };
      }
      case 'default':
        return this.#defaultPage(entries);
    }
  }

  end(): string {
    if (this.#output !== 'json') return '';
    return this.#first ? '[]\n' : ']\n';
  }

  #defaultPage(entries: readonly Entry[]) {
    const common = this.#hidesCommon ? commonLabels(entries) : [];
    const shown = formatLabels(common);
    const remark = shown === this.#common || common.length === 0 ? '' : `common labels: ${shown}\n`;
    this.#common = shown;
    return { text: lines(entries, (entry) => this.#defaultLine(entry, common)), remark };
  }

  #defaultLine({ time, labels, line }: Entry, common: Labels): string {
    const own = withoutLabels(labels, common);
    const level = labelValue(labels, 'detected_level') || labelValue(labels, 'level');
    const words = [this.#paint.dim(formatRfc3339Nano(time))];
    if (own.length > 0) words.push(this.#paint.labels(formatLabels(own)));
    words.push(this.#paint.level(line, level));
    return words.join(' ');
  }
}

function lines(entries: readonly Entry[], print: (entry: Entry) => string): string {
  return entries.map((entry) => `${print(entry)}\n`).join('');
}

/** As logcli writes a line of `jsonl`. */
function jsonOf({ time, labels, line }: Entry): string {
  return JSON.stringify({ labels: Object.fromEntries(labels), line, timestamp: formatRfc3339Nano(time) });
}

/** Of any metric answer. */
export interface Series {
  readonly labels: string;
  readonly metric: Readonly<Record<string, string>>;
  readonly points: readonly (readonly [seconds: number, value: string])[];
}

export function seriesOf(data: MetricData): readonly Series[] {
  switch (data.resultType) {
    case 'scalar':
      return [{ labels: '', metric: {}, points: [data.result] }];
    case 'vector':
      return data.result.map(({ metric, value }) => ({ labels: labelText(metric), metric, points: [value] }));
    case 'matrix':
      return data.result.map(({ metric, values }) => ({ labels: labelText(metric), metric, points: values }));
  }
}

function labelText(metric: Readonly<Record<string, string>>): string {
  return formatLabels(labelsOf(metric));
}

/** The answer to a metric query: a row a series at one moment, else a block a series. */
export function metricText(data: MetricData, output: TextOutput, paint: Paint): string {
  const series = seriesOf(data);
  switch (output) {
    case 'json':
      return `${JSON.stringify(data.result)}\n`;
    case 'jsonl':
      return series.map(({ metric, points }) => `${JSON.stringify({ metric, values: points })}\n`).join('');
    case 'raw':
      return series
        .flatMap(({ labels, points }) => points.map(([time, value]) => `${timeText(time)}\t${labels}\t${value}\n`))
        .join('');
    case 'default':
      return data.resultType === 'matrix' ? blocks(series, paint) : rows(series, paint);
  }
}

function timeText(seconds: number): string {
  return formatRfc3339Nano(BigInt(Math.round(seconds * 1000)) * 1_000_000n);
}

function rows(series: readonly Series[], paint: Paint): string {
  const width = Math.max(0, ...series.map(({ points }) => points[0]![1].length));
  return series
    .map(({ labels, points }) => `${points[0]![1].padStart(width)}  ${paint.labels(labels)}`.trimEnd())
    .map((row) => `${row}\n`)
    .join('');
}

function blocks(series: readonly Series[], paint: Paint): string {
  return series
    .map(({ labels, points }) => {
      const width = Math.max(...points.map(([, value]) => value.length));
      const table = points.map(([time, value]) => `  ${paint.dim(timeText(time))}  ${value.padStart(width)}\n`);
      return `${paint.labels(labels)}\n${table.join('')}`;
    })
    .join('\n');
}
