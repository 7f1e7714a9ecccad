import { z } from 'zod';
import type { Command, CommandIo } from '../command.js';
import { UsageError } from '../command-error.js';
import { choice, parseOptions, SERVER_OPTIONS, SERVER_USAGE, serverClient } from '../options.js';
import { SPAN_OPTIONS, SPAN_USAGE, spanOf } from '../time-arguments.js';

const USAGE = `skald labels [NAME]

Lists the labels of streams, or the values of one label.

${SPAN_USAGE}
  --query SELECTOR    only streams like {app="x"}
  --output text|json  one a line, or a JSON list
${SERVER_USAGE}`;

export const labels: Command = {
  name: 'labels',
  summary: 'list labels, or the values of one',
  usage: USAGE,
  run: runLabels,
};

/** Loki leaves `data` out when there is none. */
const names = z.object({ data: z.array(z.string()).default([]) });

async function runLabels(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = parseOptions('labels', args, {
    ...SERVER_OPTIONS,
    ...SPAN_OPTIONS,
    query: { type: 'string' },
    output: { type: 'string', short: 'o', default: 'text' },
  });
  const [name, ...more] = positionals;
  if (more.length > 0) throw new UsageError(`give one label at most:\n\n${USAGE}`);
  const output = choice('output', values.output, ['text', 'json']);
  const { start, end } = spanOf(values, io.now());
  const path = name === undefined ? 'labels' : `label/${encodeURIComponent(name)}/values`;
  const parameters: [string, string][] = [
    ['start', String(start)],
    ['end', String(end)],
  ];
  if (values.query !== undefined) parameters.push(['query', values.query]);
  const { data } = names.parse(await serverClient(values, io).get(`/loki/api/v1/${path}`, parameters));
  await io.out(output === 'json' ? `${JSON.stringify(data)}\n` : data.map((line) => `${line}\n`).join(''));
  return 0;
}
