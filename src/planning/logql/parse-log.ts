import type { LogExpr, LogRange, Matcher, Stage, Unwrap } from './ast.js';
import { parseLabelFilter } from './parse-label-filter.js';
import { isLineFilterOp, parseLineFilter } from './parse-line-filter.js';
import { parseSelectorBody } from './parse-selector.js';
import { parsePipedStage } from './parse-stage.js';
import { CONVERSION_OF, type TokenKind } from './token.js';
import type { TokenStream } from './token-stream.js';

/** `{app="x"} |= "y" | json`. */
export function parseLogExpr(tokens: TokenStream): LogExpr {
  const matchers = parseSelectorBody(tokens);
  return { kind: 'log', matchers, stages: parsePipeline(tokens).stages };
}

interface Pipeline {
  readonly stages: readonly Stage[];
  readonly unwrap?: Unwrap;
}

/** Stages up to a token that starts none. Inside a range, `| unwrap` ends them. */
function parsePipeline(tokens: TokenStream, inRange = false): Pipeline {
  const stages: Stage[] = [];
  for (;;) {
    const kind = tokens.peek().kind;
    if (isLineFilterOp(kind)) {
      tokens.take();
      stages.push(parseLineFilter(tokens, kind));
    } else if (kind === '|') {
      tokens.take();
      if (inRange && tokens.at('unwrap')) return { stages, unwrap: parseUnwrap(tokens) };
      stages.push(parsePipedStage(tokens));
    } else {
      return { stages };
    }
  }
}

const UNWRAP_STARTS: readonly TokenKind[] = ['IDENTIFIER', 'BYTES_CONV', 'DURATION_CONV', 'DURATION_SECONDS_CONV'];

/** `unwrap duration(x) | __error__=""`: only label filters may follow. */
function parseUnwrap(tokens: TokenStream): Unwrap {
  tokens.expect('unwrap');
  const conversion = CONVERSION_OF.get(tokens.peek().kind) ?? 'none';
  let label: string;
  if (conversion === 'none') {
    label = tokens.expect('IDENTIFIER', UNWRAP_STARTS).text;
  } else {
    tokens.take();
    tokens.expect('(');
    label = tokens.expect('IDENTIFIER').text;
    tokens.expect(')');
  }
  const filters = [];
  while (tokens.accept('|')) filters.push(parseLabelFilter(tokens));
  return { label, conversion, filters };
}

/**
 * A log query with its range, which may stand right after the selector or after the pipeline, inside or outside
 * parentheses: `{…} [5m] | json`, `{…} | json [5m]`, `({…} | json) [5m]`, `({…}) [5m] | unwrap x`, `({…} [5m])`.
 */
export function parseLogRange(tokens: TokenStream): LogRange {
  if (!tokens.at('(')) {
    if (!tokens.at('{')) throw tokens.unexpected(['{', '(']);
    return parseOpenLogRange(tokens);
  }
  return tokens.nested(() => {
    tokens.take();
    if (!tokens.at('{')) {
      const inner = parseLogRange(tokens);
      tokens.expect(')');
      return inner;
    }
    return parseParenthesised(tokens);
  });
}

function parseOpenLogRange(tokens: TokenStream): LogRange {
  const matchers = parseSelectorBody(tokens);
  if (tokens.at('RANGE')) return parseRangeFirst(tokens, matchers);
  const pipeline = parsePipeline(tokens, true);
  if (!tokens.at('RANGE')) throw tokens.unexpected(pipeline.unwrap === undefined ? [] : ['RANGE', '|']);
  return logRange(matchers, pipeline, parseWindow(tokens));
}

/** `{…} [5m] offset 1h | json | unwrap x`. */
function parseRangeFirst(tokens: TokenStream, matchers: readonly Matcher[]): LogRange {
  const window = parseWindow(tokens);
  return logRange(matchers, parsePipeline(tokens, true), window);
}

/** `({…} …)` after its `(`: either the range is inside, or it follows the `)`. */
function parseParenthesised(tokens: TokenStream): LogRange {
  const matchers = parseSelectorBody(tokens);
  const pipeline = tokens.at('RANGE') ? undefined : parsePipeline(tokens, true);
  if (pipeline === undefined || tokens.at('RANGE')) {
    const inner =
      pipeline === undefined ? parseRangeFirst(tokens, matchers) : logRange(matchers, pipeline, parseWindow(tokens));
    tokens.expect(')');
    return inner;
  }
  const { stages, unwrap } = pipeline;
  if (!tokens.accept(')')) throw tokens.unexpected(unwrap === undefined ? [] : ['RANGE', ')', '|']);
  const window = parseWindow(tokens);
  const bare = stages.length === 0 && unwrap === undefined;
  if (!bare || !tokens.accept('|')) return logRange(matchers, pipeline, window);
  if (!tokens.at('unwrap')) throw tokens.unexpected(['unwrap']);
  return logRange(matchers, { stages, unwrap: parseUnwrap(tokens) }, window);
}

interface Window {
  readonly rangeNs: number;
  readonly offsetNs: number;
}

/** `[5m] offset 1h`. */
function parseWindow(tokens: TokenStream): Window {
  const rangeNs = tokens.expect('RANGE').value;
  const offsetNs = tokens.accept('offset') ? tokens.expect('DURATION').value : 0;
  return { rangeNs, offsetNs };
}

function logRange(matchers: readonly Matcher[], { stages, unwrap }: Pipeline, window: Window): LogRange {
  const log: LogExpr = { kind: 'log', matchers, stages };
  return unwrap === undefined ? { log, ...window } : { log, unwrap, ...window };
}
