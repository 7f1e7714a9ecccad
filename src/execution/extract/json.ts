import type { FieldSink, LineParser } from './field-sink.js';
import {
  BACKSLASH,
  blockEnd,
  CLOSE_BRACE,
  COLON,
  COMMA,
  JsonFault,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  skipSpace,
  stringEnd,
  tokenEnd,
  tokenKind,
  unescapeJson,
} from './json-text.js';
import { KeyTree } from './key-tree.js';
import { emitClean } from './text.js';

const MAX_DEPTH = 512;

/** Where the scanner is within an object. */
const enum Expect {
  FirstKey,
  Key,
  Separator,
}
