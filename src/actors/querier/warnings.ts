import type { DamagedObject } from '../../storage/metastore/types.js';
import type { Reply } from '../../wire/message.js';

/** What is missing from an answer, each object once. */
export function damagedWarnings(damaged: readonly DamagedObject[]): string[] {
  return [
    ...new Set(
      damaged.map(({ path, reason }) => `object ${path} could not be read and is missing from this answer: ${reason}`),
    ),
  ];
}

/** An answer with more warnings, where its kind has room for them. */
export function withWarnings(reply: Reply, warnings: readonly string[]): Reply {
  if (warnings.length === 0) return reply;
  switch (reply.kind) {
    case 'answer':
      return { ...reply, answer: { ...reply.answer, warnings: [...reply.answer.warnings, ...warnings] } };
    case 'names':
    case 'series':
    case 'stats':
    case 'shards':
    case 'detected.labels':
    case 'detected.fields':
      return { ...reply, warnings };
    default:
      return reply;
  }
}
