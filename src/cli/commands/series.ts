import { z } from 'zod';
import { formatLabels, labelsOf } from '../../wire/labels.js';
import type { Command, CommandIo } from '../command.js';
import { choice, parseOptions, SERVER_OPTIONS, SERVER_USAGE, serverClient } from '../options.js';
import { SPAN_OPTIONS, SPAN_USAGE, spanOf } from '../time-arguments.js';

const USAGE = `skald series [SELECTOR...]

Lists the label sets of streams; several selectors list the streams of any of them, none lists all.

${SPAN_USAGE}
  --output text|json  one a line, or a JSON list
${SERVER_USAGE}

  skald series '{app=~"web.*"}' --since 7d`;

export const series: Command = {
  name: 'series',
  summary: 'list streams',
  usage: USAGE,
  run: runSeries,
};

const streams = z.object({ data: z.array(z.record(z.string(), z.string())).default([]) });

async function runSeries(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = parseOptions('series', args, {
    ...SERVER_OPTIONS,
    ...SPAN_OPTIONS,
    output: { type: 'string', short: 'o', default: 'text' },
  });
  const output = choice('output', values.output, ['text', 'json']);
  const { start, end } = spanOf(values, io.now());
  const body = await serverClient(values, io).get('/loki/api/v1/series', [
    ...positionals.map((selector): [string, string] => ['match', selector]),
    ['start', String(start)],
    ['end', String(end)],
  ]);
  const sets = streams.parse(body).data.map((set) => labelsOf(set));
  const sorted = sets.map((set) => ({ set, text: formatLabels(set) })).sort((a, b) => (a.text < b.text ? -1 : 1));
  await io.out(
    output === 'json'
      ? `${JSON.stringify(sorted.map(({ set }) => Object.fromEntries(set)))}\n`
      : sorted.map(({ text }) => `${text}\n`).join(''),
  );
  return 0;
}
