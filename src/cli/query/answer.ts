/** Answers of the query endpoints, checked as far as the commands rely on them. */
import { z } from 'zod';
import { CommandError } from '../command-error.js';

const labels = z.record(z.string(), z.string());
/** Seconds and a value. */
const point = z.tuple([z.number(), z.string()]);

export const streamsOf = z.array(
  z.object({ stream: labels, values: z.array(z.tuple([z.string(), z.string()]).rest(z.unknown())) }),
);

const result = z.discriminatedUnion('resultType', [
  z.object({
    resultType: z.literal('streams'),
    result: streamsOf,
  }),
  z.object({ resultType: z.literal('vector'), result: z.array(z.object({ metric: labels, value: point })) }),
  z.object({ resultType: z.literal('matrix'), result: z.array(z.object({ metric: labels, values: z.array(point) })) }),
  z.object({ resultType: z.literal('scalar'), result: point }),
]);

const answer = z.object({
  warnings: z.array(z.string()).optional(),
  data: z.intersection(result, z.object({ explain: z.string().optional() })),
});

export type Answer = z.infer<typeof answer>;
export type StreamsData = Extract<Answer['data'], { resultType: 'streams' }>;
export type MetricData = Exclude<Answer['data'], { resultType: 'streams' }>;

export function parseAnswer(body: unknown): Answer {
  const parsed = answer.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new CommandError(`the server's answer is not what a Loki API returns: ${z.prettifyError(parsed.error)}`);
}
