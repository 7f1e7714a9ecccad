import { describe, expect, it } from 'vitest';
import { parseLogQuery } from '../logql/parser.js';
import { hoistLineFilters } from './reorder.js';

function order(pipeline: string): string {
  const stages = hoistLineFilters(parseLogQuery(`{a="b"} ${pipeline}`).stages);
  return stages.map((stage) => (stage.kind === 'line-filter' ? stage.operands[0]!.value : stage.kind)).join(' ');
}

describe('hoistLineFilters', () => {
  it.each([
    ['| json |= "x"', 'x json'],
    ['|= "x" | json |= "y" | logfmt |= "z"', 'x y z json logfmt'],
    ['| json | a="1" | label_format b=c | drop d |= "x"', 'x json label-filter label-format drop'],
    ['| a="1" |= "x" | json |= "y"', 'label-filter x y json'],
    ['| decolorize |= "x"', 'x decolorize'],
  ])('moves filters of %s in front of what does not change the line', (pipeline, expected) => {
    expect(order(pipeline)).toBe(expected);
  });

  it.each([
    ['| line_format "" |= "x"', 'line-format x'],
    ['| unpack |= "x"', 'unpack x'],
    ['| json | line_format "" | logfmt |= "x"', 'json line-format x logfmt'],
  ])('keeps filters of %s behind what changes the line', (pipeline, expected) => {
    expect(order(pipeline)).toBe(expected);
  });
});
