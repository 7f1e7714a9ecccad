import { z } from 'zod';
import { compileStringMatcher } from '../execution/regex/compile.js';
import type { BlockedQuery } from '../wire/limits.js';
import { type Setting, setting } from './config-values.js';

const KINDS = ['metric', 'filter', 'limited'] as const;

const kinds = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((kind) => kind.trim())
      .filter((kind) => kind !== ''),
  )
  .pipe(z.array(z.enum(KINDS)));

/** One block as Loki's configuration has it: `types` is a list in one text. */
const block = z
  .strictObject({
    pattern: z.string().default(''),
    regex: z.boolean().default(false),
    types: kinds.default([]),
    hash: z.number().int().min(0).max(0xffffffff).default(0),
    query_tags: z.record(z.string(), z.string()).default({}),
  })
  .refine(({ pattern, regex }) => !regex || isRegex(pattern))
  .transform(({ query_tags: tags, ...rest }): BlockedQuery => ({ ...rest, tags }));

/** Queries that nobody may run. */
export function blockedQueries(): Setting<readonly BlockedQuery[]> {
  const allowed = `a list of blocks such as [{pattern: '.*prod.*', regex: true, types: 'filter,limited'}]`;
  return setting<readonly BlockedQuery[]>([], allowed, z.array(block), { print: (blocks) => blocks.map(written) });
}

function written({ types, tags, hash, ...rest }: BlockedQuery): object {
  return { ...rest, types: types.join(','), ...(hash === 0 ? {} : { hash }), query_tags: tags };
}

function isRegex(pattern: string): boolean {
  try {
    compileStringMatcher(pattern, { mode: 'search' });
    return true;
  } catch {
    return false;
  }
}
