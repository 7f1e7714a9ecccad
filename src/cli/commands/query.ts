import type { Command, CommandIo } from '../command.js';
import { CommandError, UsageError } from '../command-error.js';
import { plural } from '../human.js';
import { choice, parseOptions, SERVER_OPTIONS, SERVER_USAGE, serverClient, wholeNumber } from '../options.js';
import { COLOURED, PLAIN } from '../paint.js';
import { type Answer, type MetricData, parseAnswer, type StreamsData } from '../query/answer.js';
import { type Entry, entriesOf } from '../query/entries.js';
import { pages } from '../query/pages.js';
import { withCaret } from '../query/parse-error.js';
import { EntryPrinter, metricText, OUTPUTS, type Output, seriesOf, type TextOutput } from '../query/print.js';
import { printTail } from '../query/tail.js';
import type { ServerClient } from '../server-client.js';
import { durationArgument, SPAN_OPTIONS, SPAN_USAGE, type Span, spanOf, timeArgument } from '../time-arguments.js';

const DEFAULT_LIMIT = '100';
const DEFAULT_BATCH = '1000';

const USAGE = `skald query QUERY

Asks a LogQL query and prints log lines, newest first, or the values of a metric.

${SPAN_USAGE}
  --limit N           log lines to print, default ${DEFAULT_LIMIT}; 0 = all
  --batch N           log lines to ask for at once, default ${DEFAULT_BATCH}
  --forward           oldest first
  --step 1m           distance between the values of a metric; the server chooses by default
  --instant           evaluate a metric once, now
  --at TIME           evaluate a metric once, at this time
  --tail, -t          the last lines, oldest first, and then those that come
  --delay-for N       with --tail: wait N seconds (at most 5) for lines that come late
  --output FORM       default, raw (lines only), jsonl, json, or arrow (an Arrow IPC stream)
${SERVER_USAGE}

  skald query '{app="x"} |= "error"' --since 6h
  skald query '{app="x"}' --tail
  skald query 'sum by (app) (rate({app=~".+"}[5m]))' --instant`;

export const query: Command = {
  name: 'query',
  summary: 'ask a LogQL query',
  usage: USAGE,
  run: runQuery,
};

const OPTIONS = {
  ...SERVER_OPTIONS,
  ...SPAN_OPTIONS,
  limit: { type: 'string', default: DEFAULT_LIMIT },
  batch: { type: 'string', default: DEFAULT_BATCH },
  forward: { type: 'boolean', default: false },
  step: { type: 'string' },
  instant: { type: 'boolean' },
  at: { type: 'string' },
  tail: { type: 'boolean', short: 't' },
  'delay-for': { type: 'string', default: '0' },
  output: { type: 'string', short: 'o', default: 'default' },
} as const;

async function runQuery(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = parseOptions('query', args, OPTIONS);
  const [text, ...more] = positionals;
  if (text === undefined || more.length > 0) throw new UsageError(`give one query, in quotes:\n\n${USAGE}`);
  const output = choice('output', values.output, OUTPUTS);
  if (output === 'arrow' && io.outIsTerminal)
    throw new UsageError('--output arrow is not for terminals: send it to a file or a program');
  const client = serverClient(values, io);
  try {
    if (values.tail) {
      if (values.instant || values.at !== undefined) throw new UsageError('--tail is of log lines, not of one moment');
      if (output === 'json' || output === 'arrow')
        throw new UsageError(`--output ${output} has an end, and --tail has none: use --output jsonl`);
      const limit = wholeNumber('limit', values.limit);
      const delaySeconds = wholeNumber('delay-for', values['delay-for']);
      const { start } = spanOf(values, io.now());
      const printer = new EntryPrinter(output, paintFor(io), false);
      return await printTail(client, { text, start, limit, delaySeconds }, printer, io);
    }
    if (values.instant || values.at !== undefined) {
      const time = timeArgument('at', values.at ?? 'now', io.now());
      return await printInstant(client, text, time, output, io);
    }
    const request: RangeQuestion = {
      text,
      span: spanOf(values, io.now()),
      limit: wholeNumber('limit', values.limit),
      batch: Math.max(wholeNumber('batch', values.batch), 1),
      forward: values.forward,
      stepSeconds: values.step === undefined ? undefined : durationArgument('step', values.step) / 1e9,
    };
    return await printRange(client, request, output, io);
  } catch (error) {
    throw withCaret(error, text);
  }
}

interface RangeQuestion {
  readonly text: string;
  readonly span: Span;
  readonly limit: number;
  readonly batch: number;
  readonly forward: boolean;
  readonly stepSeconds: number | undefined;
}

async function printInstant(client: ServerClient, text: string, time: bigint, output: Output, io: CommandIo) {
  const answer = parseAnswer(
    await client.get('/loki/api/v1/query', [
      ['query', text],
      ['time', String(time)],
    ]),
  );
  warn(answer, io);
  const { data } = answer;
  if (data.resultType === 'streams') throw new CommandError('the server answered an instant query with log lines');
  return printMetric(data, output, io);
}

async function printMetric(data: MetricData, output: Output, io: CommandIo): Promise<number> {
  if (output === 'arrow') {
    const { writeSeries } = await import('../query/arrow-output.js');
    await writeSeries(seriesOf(data), io.out);
  } else await io.out(metricText(data, output, paintFor(io)));
  return 0;
}

async function printRange(client: ServerClient, question: RangeQuestion, output: Output, io: CommandIo) {
  const { text, forward, stepSeconds } = question;
  const ask = async (span: Span, limit: number): Promise<Answer> => {
    const step: [string, string][] = stepSeconds === undefined ? [] : [['step', String(stepSeconds)]];
    const body = await client.get('/loki/api/v1/query_range', [
      ['query', text],
      ['start', String(span.start)],
      ['end', String(span.end)],
      ['limit', String(limit)],
      ['direction', forward ? 'FORWARD' : 'BACKWARD'],
      ...step,
    ]);
    const answer = parseAnswer(body);
    warn(answer, io);
    return answer;
  };
  // The first page tells whether the query is about lines or about a metric.
  const firstLimit = question.limit === 0 ? question.batch : Math.min(question.limit, question.batch);
  const { data } = await ask(question.span, firstLimit);
  if (data.resultType === 'streams') return printEntries(data, ask, question, output, io);
  return printMetric(data, output, io);
}

async function printEntries(
  first: StreamsData,
  ask: (span: Span, limit: number) => Promise<Answer>,
  question: RangeQuestion,
  output: Output,
  io: CommandIo,
): Promise<number> {
  let firstPage: readonly Entry[] | undefined = entriesOf(first, question.forward);
  const fetchPage = async ({ start, end, limit }: Span & { limit: number }): Promise<readonly Entry[]> => {
    if (firstPage !== undefined) {
      const page = firstPage;
      firstPage = undefined;
      return page;
    }
    const { data } = await ask({ start, end }, limit);
    return data.resultType === 'streams' ? entriesOf(data, question.forward) : [];
  };
  const all = pages(fetchPage, question.span, question);
  const printed = output === 'arrow' ? await arrowEntries(all, io) : await textEntries(all, output, io);
  if (printed === question.limit && io.errIsTerminal) {
    io.err(`${plural(printed, 'line')}, which is the limit; there may be more: --limit 0 prints all\n`);
  }
  return 0;
}

async function arrowEntries(all: AsyncIterable<readonly Entry[]>, io: CommandIo): Promise<number> {
  const { writeEntries } = await import('../query/arrow-output.js');
  return writeEntries(all, io.out);
}

async function textEntries(all: AsyncIterable<readonly Entry[]>, output: TextOutput, io: CommandIo): Promise<number> {
  const printer = new EntryPrinter(output, paintFor(io));
  let printed = 0;
  for await (const page of all) {
    const { text, remark } = printer.page(page);
    if (remark !== '') io.err(remark);
    await io.out(text);
    printed += page.length;
  }
  await io.out(printer.end());
  return printed;
}

function warn(answer: Answer, io: CommandIo): void {
  for (const warning of answer.warnings ?? []) io.err(`warning: ${warning}\n`);
}

function paintFor(io: CommandIo) {
  return io.outIsTerminal && !io.environment.NO_COLOR ? COLOURED : PLAIN;
}
