import type { Command, CommandIo } from '../command.js';
import { CommandError, UsageError } from '../command-error.js';
import { parseOptions, SERVER_OPTIONS, SERVER_USAGE, serverClient } from '../options.js';
import { parseAnswer } from '../query/answer.js';
import { withCaret } from '../query/parse-error.js';
import { durationArgument, SPAN_OPTIONS, SPAN_USAGE, spanOf, timeArgument } from '../time-arguments.js';

const USAGE = `skald explain QUERY

Shows how a query is run: logical plan, physical plan before and after optimisation, and the tasks of its workflow.

  --analyze           run it, and show rows, bytes and times of every operator
${SPAN_USAGE}
  --limit N           as for query
  --forward           as for query
  --step 1m           as for query
  --at TIME           explain it as an instant query at this time
${SERVER_USAGE}

  skald explain 'sum by (app) (rate({app="x"} |= "error" [5m]))' --analyze`;

export const explain: Command = {
  name: 'explain',
  summary: 'show the plan of a query',
  usage: USAGE,
  run: runExplain,
};

const OPTIONS = {
  ...SERVER_OPTIONS,
  ...SPAN_OPTIONS,
  analyze: { type: 'boolean', default: false },
  limit: { type: 'string' },
  forward: { type: 'boolean', default: false },
  step: { type: 'string' },
  at: { type: 'string' },
} as const;

async function runExplain(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = parseOptions('explain', args, OPTIONS);
  const [text, ...more] = positionals;
  if (text === undefined || more.length > 0) throw new UsageError(`give one query, in quotes:\n\n${USAGE}`);
  const parameters: [string, string][] = [
    ['query', text],
    ['explain', values.analyze ? 'analyze' : 'plan'],
    ['direction', values.forward ? 'forward' : 'backward'],
  ];
  if (values.limit !== undefined) parameters.push(['limit', values.limit]);
  if (values.step !== undefined) parameters.push(['step', String(durationArgument('step', values.step) / 1e9)]);
  let path = '/loki/api/v1/query';
  if (values.at !== undefined) {
    parameters.push(['time', String(timeArgument('at', values.at, io.now()))]);
  } else {
    path = '/loki/api/v1/query_range';
    const { start, end } = spanOf(values, io.now());
    parameters.push(['start', String(start)], ['end', String(end)]);
  }
  await io.out(await explanation(serverClient(values, io).get(path, parameters), text));
  return 0;
}

async function explanation(body: Promise<unknown>, query: string): Promise<string> {
  try {
    const { explain: plan } = parseAnswer(await body).data;
    if (plan === undefined) throw new CommandError('the server did not explain the query; is it a Skald?');
    return plan.endsWith('\n') ? plan : `${plan}\n`;
  } catch (error) {
    throw withCaret(error, query);
  }
}
