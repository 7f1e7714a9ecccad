import { compileStringMatcher } from '../../execution/regex/compile.js';
import type { Expr } from '../../planning/logql/ast.js';
import { type Fault, fault } from '../../wire/fault.js';
import { getOrCreate } from '../../wire/get-or-create.js';
import type { BlockedQuery } from '../../wire/limits.js';
import type { QueryRequest } from '../../wire/query.js';

/** Refuses a query that one of the tenant's blocks is about (A87). */
export function checkBlocked(
  { query, tags }: Pick<QueryRequest, 'query' | 'tags'>,
  expr: Expr,
  blocks: readonly BlockedQuery[],
): Fault | undefined {
  const blocked = blocks.some((block) => isAbout(block, query.trim(), queryType(expr), tags));
  return blocked ? fault('bad-request', 'query blocked by policy') : undefined;
}

function isAbout(block: BlockedQuery, query: string, type: QueryType, tags: string): boolean {
  if (block.types.length > 0 && !block.types.includes(type)) return false;
  if (!hasTags(block.tags, tags)) return false;
  if (block.hash !== 0) return block.hash === fnv32(query);
  const pattern = block.pattern.trim();
  if (pattern === '' || pattern === '.*') return true;
  return block.regex ? regexOf(block)(query) : pattern === query;
}

/** Compiled once for as long as the limits are the same. */
const regexes = new WeakMap<BlockedQuery, (text: string) => boolean>();

function regexOf(block: BlockedQuery): (text: string) => boolean {
  return getOrCreate(regexes, block, () => compileStringMatcher(block.pattern.trim(), { mode: 'search' }));
}

type QueryType = BlockedQuery['types'][number];

/** Metric, or whether lines are looked at. */
function queryType(expr: Expr): QueryType {
  if (expr.kind !== 'log') return 'metric';
  return expr.stages.some(({ kind }) => kind === 'line-filter' || kind === 'label-filter') ? 'filter' : 'limited';
}

/** `X-Query-Tags` is `name=value,…`; neither names nor values mind their case. */
function hasTags(wanted: BlockedQuery['tags'], tags: string): boolean {
  const sent = new Set(tags.split(',').map((tag) => tag.trim().toLowerCase()));
  return Object.entries(wanted).every(([name, value]) => sent.has(`${name}=${value}`.toLowerCase()));
}

/** FNV-1, 32 bit, of the query's UTF-8 bytes. */
export function fnv32(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash, 0x01000193) ^ byte;
  return hash >>> 0;
}
