import type { RowFunction } from '../../planning/physical/expression.js';
import { unreachable } from '../../wire/exhaustive.js';
import { decolorizeRows } from '../kernels/decolorize.js';
import { compileDrop, compileKeep } from './drop-keep.js';
import { compileLabelFormat, compileLineFormat } from './format.js';
import { compileParse, compileUnpack } from './parse.js';
import type { FunctionContext, RowStep } from './row-step.js';
import { compileUnwrap } from './unwrap.js';

export function compileFunction(fn: RowFunction, context: FunctionContext): RowStep {
  switch (fn.kind) {
    case 'parse-json':
    case 'parse-json-expressions':
    case 'parse-logfmt':
    case 'parse-logfmt-expressions':
    case 'parse-regexp':
    case 'parse-pattern':
      return compileParse(fn, context);
    case 'unpack':
      return compileUnpack(fn.until, context);
    case 'line-format':
      return compileLineFormat(fn.template, context);
    case 'label-format':
      return compileLabelFormat(fn.formats, context);
    case 'decolorize':
      return (batch) => {
        batch.message = decolorizeRows(batch.message.offsets, batch.message.bytes, batch.selection, batch.count);
      };
    case 'drop':
      return readingNoLines(compileDrop(fn.picks));
    case 'keep':
      return readingNoLines(compileKeep(fn.picks));
    case 'unwrap':
      return readingNoLines(compileUnwrap(fn));
    default:
      return unreachable(fn);
  }
}

function readingNoLines(step: RowStep): RowStep {
  step.reads = () => 0;
  return step;
}
