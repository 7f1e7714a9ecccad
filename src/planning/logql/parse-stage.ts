import type {
  JsonStage,
  LabelExtraction,
  LabelFormat,
  LabelPick,
  LineFormatStage,
  LogfmtStage,
  PatternStage,
  RegexpStage,
  Stage,
} from './ast.js';
import { checkPatternStage, checkRegexpStage } from './check-parser.js';
import { parseLabelFilter } from './parse-label-filter.js';
import { parseCommaList } from './parse-list.js';
import { isMatchOp, matcherOf } from './parse-selector.js';
import type { TokenStream } from './token-stream.js';

/** A stage after its `|`. Any token that starts none is refused without naming candidates: there are too many. */
export function parsePipedStage(tokens: TokenStream): Stage {
  switch (tokens.peek().kind) {
    case 'IDENTIFIER':
    case '(':
      return { kind: 'label-filter', filter: parseLabelFilter(tokens) };
    case 'json':
      return parseJson(tokens);
    case 'logfmt':
      return parseLogfmt(tokens);
    case 'regexp':
      return parseRegexp(tokens);
    case 'pattern':
      return parsePatternStage(tokens);
    case 'unpack':
      tokens.take();
      return { kind: 'unpack' };
    case 'line_format':
      return parseLineFormat(tokens);
    case 'label_format':
      tokens.take();
      return { kind: 'label-format', formats: parseCommaList(tokens, () => parseLabelFormat(tokens)) };
    case 'decolorize':
      tokens.take();
      return { kind: 'decolorize' };
    case 'drop':
      tokens.take();
      return { kind: 'drop', labels: parseCommaList(tokens, () => parseLabelPick(tokens)) };
    case 'keep':
      tokens.take();
      return { kind: 'keep', labels: parseCommaList(tokens, () => parseLabelPick(tokens)) };
    default:
      throw tokens.unexpected();
  }
}

function parseJson(tokens: TokenStream): JsonStage {
  tokens.take();
  return { kind: 'json', extractions: parseExtractions(tokens) };
}

function parseLogfmt(tokens: TokenStream): LogfmtStage {
  tokens.take();
  const flags = new Set<string>();
  while (tokens.at('FUNCTION_FLAG')) flags.add(tokens.take().text);
  return {
    kind: 'logfmt',
    strict: flags.has('--strict'),
    keepEmpty: flags.has('--keep-empty'),
    extractions: parseExtractions(tokens),
  };
}

/** `a, b="x.y"`, or nothing. */
function parseExtractions(tokens: TokenStream): LabelExtraction[] {
  return tokens.at('IDENTIFIER') ? parseCommaList(tokens, () => parseExtraction(tokens)) : [];
}

function parseExtraction(tokens: TokenStream): LabelExtraction {
  const name = tokens.expect('IDENTIFIER').text;
  return { name, expression: tokens.accept('=') ? tokens.expect('STRING').text : name };
}

function parseRegexp(tokens: TokenStream): RegexpStage {
  tokens.take();
  const pattern = tokens.expect('STRING').text;
  checkRegexpStage(pattern);
  return { kind: 'regexp', pattern };
}

function parsePatternStage(tokens: TokenStream): PatternStage {
  tokens.take();
  const pattern = tokens.expect('STRING').text;
  checkPatternStage(pattern);
  return { kind: 'pattern', pattern };
}

function parseLineFormat(tokens: TokenStream): LineFormatStage {
  tokens.take();
  return { kind: 'line-format', template: tokens.expect('STRING').text };
}

function parseLabelFormat(tokens: TokenStream): LabelFormat {
  const name = tokens.expect('IDENTIFIER').text;
  tokens.expect('=');
  if (tokens.at('IDENTIFIER')) return { kind: 'rename', name, source: tokens.take().text };
  return { kind: 'template', name, template: tokens.expect('STRING', ['IDENTIFIER', 'STRING']).text };
}

/** `a` or `a="x"`. */
function parseLabelPick(tokens: TokenStream): LabelPick {
  const name = tokens.expect('IDENTIFIER').text;
  const op = tokens.peek().kind;
  if (!isMatchOp(op)) return name;
  tokens.take();
  return matcherOf(name, op, tokens.expect('STRING').text);
}
