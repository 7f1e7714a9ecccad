import type { QueryParameters } from '../../planning/facts.js';
import type { Expr } from '../../planning/logql/ast.js';
import { LogQLError } from '../../planning/logql/error.js';
import { parseLogQL, parseLogQuery } from '../../planning/logql/parser.js';
import { keepTenantLabel } from '../../planning/logql/tenant-label.js';
import { resultShape } from '../../planning/plan.js';
import { selectorsOf } from '../../planning/selectors.js';
import type { Catalog, MetastoreReader } from '../../storage/metastore/types.js';
import type { Address } from '../../wire/address.js';
import type { Envelope } from '../../wire/envelope.js';
import { asFault, type Fault, FaultError, fault, raise } from '../../wire/fault.js';
import type { TenantLimits } from '../../wire/limits.js';
import type { Message, Reply } from '../../wire/message.js';
import type { DetectMessage } from '../../wire/messages/asking.js';
import type { QueryAnswer, QueryRequest, QueryResult } from '../../wire/query.js';
import { isManyTenants } from '../../wire/tenant.js';
import type { Clock, Random } from '../runtime/clock.js';
import { faultReply, type Router } from '../runtime/router.js';
import { explainAnalysis } from './analysis.js';
import { detectFields, detectValues } from './detect/detect.js';
import { countTargets, EMPTY, type Evaluation, Evaluator } from './evaluator.js';
import { joinResults } from './join-results.js';
import { checkBytes, checkLength, checkLimits, seriesLimitMessage } from './limits.js';
import { answerMetadata, type MetadataMessage } from './metadata.js';
import { isTooOld, queryParameters, startWithinLookback, withinLookback } from './parameters.js';
import { whileStale } from './reruns.js';
import { type LookUp, type ResolvedTargets, Resolver } from './resolve.js';
import { seriesCount, truncateSeries } from './results.js';
import type { QuerierSettings } from './settings.js';
import { type Phases, SlowQueryLog, type WriteLog } from './slow-query-log.js';
import { queryStats } from './stats.js';
import type { StreamSources } from './stream-parts.js';
import { damagedWarnings, withWarnings } from './warnings.js';

export interface QuerierParts {
  readonly router: Router;
  readonly clock: Clock;
  readonly random: Random;
  readonly catalog: Catalog;
  readonly metastore: MetastoreReader;
  readonly limits: (tenant: string) => TenantLimits;
  /** Slow queries are written there. */
  readonly log?: WriteLog;
}

/** Queries in, answers out: parse, look up, plan, run, gather. */
export class Querier {
  readonly #parts: QuerierParts;
  readonly #settings: QuerierSettings;
  readonly #resolver: Resolver;
  readonly #evaluator: Evaluator;
  readonly #slowQueries: SlowQueryLog;
  readonly #unregister: () => void;

  constructor(self: Address, parts: QuerierParts, settings: QuerierSettings) {
    this.#parts = parts;
    this.#settings = settings;
    this.#resolver = new Resolver(self, parts.router, parts.catalog, parts.metastore, settings);
    this.#evaluator = new Evaluator(parts, settings);
    this.#slowQueries = new SlowQueryLog(parts.clock, settings.logQueriesLongerThanMs, parts.log);
    this.#unregister = parts.router.register(self, (envelope) => this.#receive(envelope));
  }

  close(): void {
    this.#unregister();
  }

  #receive({ message, ask }: Envelope): void {
    if (!ask) return;
    this.#answerTo(message)?.then(ask.reply, (error: unknown) => ask.reply(faultReply(queryFault(error))));
  }

  #answerTo(message: Message): Promise<Reply> | undefined {
    switch (message.kind) {
      case 'query':
        return this.query(message.request, message.signal ?? new AbortController().signal);
      case 'detect':
        return this.#detect(message);
      case 'labels':
      case 'volume':
      case 'shards':
        return this.#metadata(message);
      default:
        return undefined;
    }
  }

  async query(request: QueryRequest, caller: AbortSignal): Promise<Reply> {
    const limits = this.#parts.limits(request.tenant);
    const { clock, random } = this.#parts;
    const abort = new AbortController();
    const stop = (): void => abort.abort(new FaultError(fault('cancelled', 'the request was cancelled by the client')));
    if (caller.aborted) stop();
    caller.addEventListener('abort', stop, { once: true });
    const cancelTimer = clock.after(limits.query_timeout_ms, () =>
      abort.abort(new FaultError(fault('timeout', TIMEOUT_MESSAGE))),
    );
    const log = this.#slowQueries.begin(request);
    const once = async (): Promise<QueryAnswer> => {
      const query = random.ulid();
      try {
        return await this.#answer(request, limits, query, abort.signal, log.phase);
      } finally {
        this.#resolver.release(query);
      }
    };
    try {
      const answer = await whileStale(clock, this.#settings, abort.signal, once);
      log.end(answer);
      return { kind: 'answer', answer };
    } catch (error) {
      log.end(queryFault(error));
      throw error;
    } finally {
      cancelTimer();
      caller.removeEventListener('abort', stop);
    }
  }

  async #answer(
    request: QueryRequest,
    limits: TenantLimits,
    query: string,
    signal: AbortSignal,
    onPhase: (phases: Partial<Phases>) => void,
  ): Promise<QueryAnswer> {
    const startedMs = this.#parts.clock.monotonicMs();
    const now = this.#parts.clock.now();
    const expr = parseQuery(request);
    refuse(checkLimits(withinLookback(request, limits, now), expr, limits));
    const parameters = queryParameters(request, expr, limits, now);
    const { type } = resultShape(expr, parameters);
    if (type !== 'scalar' && isTooOld(request, limits, now)) return emptyAnswer(EMPTY[type], request);
    const look: Look = { tenant: request.tenant, query, signal, allowPartial: request.allowPartial ?? false };
    const first = await this.#resolve(expr, parameters, { ...look, ...this.#enough(expr, parameters, limits) });
    await this.#checkBytes(request, limits, bytesOf(first), look);
    const resolvedMs = this.#parts.clock.monotonicMs();
    onPhase({ resolveMs: resolvedMs - startedMs });
    const options = {
      ...{ analyze: request.explain === 'analyze', now },
      ...(request.noCache && { noCache: request.noCache }),
    };
    const evaluation: Evaluation = { request, expr, limits, options, signal };
    const evaluated = await this.#evaluator.evaluate(evaluation, parameters, first, query);
    const { text, done, results, slices, planMs, resolved } = evaluated;
    onPhase({ planMs, runMs: this.#parts.clock.monotonicMs() - resolvedMs - planMs });
    const { result, warnings } = limitSeries(
      results.length > 0 ? joinResults(results) : EMPTY[type],
      limits,
      request.tags,
    );
    const seconds = (this.#parts.clock.monotonicMs() - startedMs) / 1000;
    const stats = queryStats(done, result, seconds, countTargets(resolved), slices);
    const partial = new Set(resolved.flatMap((each) => each.warnings));
    const texts = [...partial, ...damagedWarnings(resolved.flatMap(({ damaged }) => damaged)), ...warnings];
    if (request.explain === 'none') {
      const throughSeq = expr.kind === 'log' ? resolved[0]?.throughSeq : undefined;
      return { result, stats, warnings: texts, ...(throughSeq && { throughSeq }) };
    }
    return { result, stats, warnings: texts, explain: done ? `${text}\n${explainAnalysis(done, stats)}` : text };
  }

  /** The first rows of a log query are mostly found in what is looked up first. Nothing is left out of what a limit could refuse. */
  #enough(expr: Expr, parameters: QueryParameters, limits: TenantLimits): Pick<LookUp, 'enough'> {
    const { limit, direction, intervalNs } = parameters;
    if (expr.kind !== 'log' || limit <= 0 || intervalNs > 0) return {};
    const bytesMax = [limits.max_query_bytes_read, limits.max_querier_bytes_read].filter((most) => most > 0);
    const storedBytesMax = Math.min(...bytesMax);
    const { lookUpBytes: bytes } = this.#settings;
    return { enough: { newestFirst: direction === 'backward', rows: limit, bytes, storedBytesMax } };
  }

  #resolve(expr: Expr, parameters: QueryParameters, look: Look): Promise<ResolvedTargets[]> {
    const selectors = selectorsOf(expr, parameters);
    return Promise.all(selectors.map((selector) => this.#resolver.targets(look.tenant, selector, look)));
  }

  /** A slice of a query is charged for the whole of it, or many small slices could read what one query may not. */
  async #checkBytes(request: QueryRequest, limits: TenantLimits, own: number, look: Look): Promise<void> {
    refuse(checkBytes(own, limits.max_query_bytes_read) ?? checkBytes(own, limits.max_querier_bytes_read));
    const { slicedFrom } = request;
    if (slicedFrom === undefined || limits.max_query_bytes_read === 0) return;
    const whole = { ...request, ...slicedFrom };
    const expr = parseQuery(whole);
    const parameters = queryParameters(whole, expr, limits, this.#parts.clock.now());
    refuse(checkBytes(bytesOf(await this.#resolve(expr, parameters, look)), limits.max_query_bytes_read));
  }

  async #metadata(message: MetadataMessage): Promise<Reply> {
    const { metastore, clock, random } = this.#parts;
    const { tenant, start: from, end } = message.request;
    const limits = this.#parts.limits(tenant);
    const allowed = startWithinLookback(from, limits, clock.now());
    const start = allowed < end ? allowed : end;
    refuse(checkLength({ start, end }, limits));
    const query = random.ulid();
    const signal = new AbortController().signal;
    try {
      const look = { query, signal, allowPartial: message.request.allowPartial ?? false };
      const sources: StreamSources = { resolver: this.#resolver, metastore, look, damaged: [], warnings: new Set() };
      const asked = { ...message, request: { ...message.request, start } } as MetadataMessage;
      const reply = await answerMetadata(asked, sources, limits);
      return withWarnings(reply, [...sources.warnings, ...damagedWarnings(sources.damaged)]);
    } finally {
      this.#resolver.release(query);
    }
  }

  /** Looks into the latest lines of a log query; over several tenants there are no fields, as in Loki (B29). */
  async #detect({ request, name, signal = new AbortController().signal }: DetectMessage): Promise<Reply> {
    const { tenant, query, start, end, lineLimit: limit, tags } = request;
    parseLogQuery(query);
    const lines: QueryRequest = {
      ...{ tenant, query, start, end, limit, tags, mode: 'range', direction: 'backward', stepNs: 0, intervalNs: 0 },
      ...{ categorizeLabels: true, explain: 'none' },
      ...(request.allowPartial && { allowPartial: true }),
    };
    const reply = isManyTenants(tenant) ? undefined : await this.query(lines, signal);
    const { result, warnings } = reply?.kind === 'answer' ? reply.answer : { result: EMPTY.streams, warnings: [] };
    const streams = result.type === 'streams' ? result.streams : [];
    const found: Reply =
      name === ''
        ? { kind: 'detected.fields', fields: detectFields(streams, request.limit) }
        : { kind: 'names', names: detectValues(streams, name, request.limit) };
    return withWarnings(found, warnings);
  }
}

interface Look extends LookUp {
  readonly tenant: string;
}

function parseQuery({ query, tenant }: QueryRequest): Expr {
  const expr = parseLogQL(query);
  return isManyTenants(tenant) ? keepTenantLabel(expr) : expr;
}

function refuse(refusal: Fault | undefined): void {
  if (refusal) throw new FaultError(refusal);
}

function bytesOf(resolved: readonly ResolvedTargets[]): number {
  return resolved.reduce((sum, { targets }) => targets.reduce((bytes, target) => bytes + target.bytes, sum), 0);
}

const TIMEOUT_MESSAGE =
  'request timed out, decrease the duration of the request or add more label matchers (prefer exact match over regex match) to reduce the amount of data processed';

function emptyAnswer(result: QueryResult, { explain }: QueryRequest): QueryAnswer {
  const answer = { result, stats: queryStats(undefined, result, 0, 0), warnings: [] };
  return explain === 'none'
    ? answer
    : { ...answer, explain: 'Nothing is read: all is older than max_query_lookback.\n' };
}

/** A parse error is the caller's; everything else is what it says it is. */
function queryFault(error: unknown): ReturnType<typeof asFault> {
  return error instanceof LogQLError ? fault('bad-request', error.message) : asFault(error);
}

/** B10: too many series fail the query, or shorten it for Grafana's Drilldown. */
function limitSeries(
  result: QueryResult,
  limits: TenantLimits,
  tags: string,
): { result: QueryResult; warnings: string[] } {
  const max = limits.max_query_series;
  if (max === 0 || seriesCount(result) <= max) return { result, warnings: [] };
  if (!tags.includes('Source=grafana-lokiexplore-app')) return raise('bad-request', seriesLimitMessage(max));
  return {
    result: truncateSeries(result, max),
    warnings: [`maximum number of series (${max}) reached for a single query; returning partial results`],
  };
}
