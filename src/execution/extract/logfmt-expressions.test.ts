import { describe, expect, it } from 'vitest';
import { extract } from '../../../test/recording-sink.js';
import { LogfmtExpressionParser } from './logfmt-expressions.js';

function parse(keys: Record<string, string>, line: string | Buffer, strict = false): Record<string, string> {
  const extractions = Object.entries(keys).map(([name, expression]) => ({ name, expression }));
  return extract(new LogfmtExpressionParser(extractions, { strict, keepEmpty: false }), line, null, true);
}

describe('LogfmtExpressionParser', () => {
  const line = 'level=error ts=1 caller=http.go:7 msg="payment \\"x\\"" empty= level=dup';

  it.each<[Record<string, string>, Record<string, string>]>([
    [{ caller: 'caller' }, { caller: 'http.go:7' }],
    [{ lvl: 'level' }, { lvl: 'dup' }], // the last one wins here
    [
      { a: 'msg', b: 'nosuch', c: 'empty' },
      { a: 'payment "x"', b: '', c: '' },
    ],
    [
      { a: 'ts', b: 'ts' },
      { a: '1', b: '1' },
    ],
    [{ ts: 'nosuch' }, { ts: '1' }], // a key called like the label
    [
      { ts: 'caller', x: 'ts' },
      { ts: 'http.go:7', x: '1' },
    ],
  ])('%j', (keys, labels) => {
    expect(parse(keys, line)).toEqual(labels);
  });

  it('gives empty labels for an empty line', () => {
    expect(parse({ a: 'x' }, '')).toEqual({ a: '' });
  });

  it('empties values that are no UTF-8', () => {
    expect(parse({ a: 'x', b: 'y' }, Buffer.from('783dff20793d22ff5c6e22', 'hex'))).toEqual({ a: '', b: '' });
    expect(parse({ a: 'x' }, 'x=é')).toEqual({ a: 'é' });
  });

  it('skips malformed pairs, or stops at them when strict', () => {
    expect(parse({ a: 'x', b: 'y' }, 'x=1 =z y=2')).toEqual({ a: '1', b: '2' });
    expect(parse({ a: 'x', b: 'y' }, 'x=1 =z y=2', true)).toEqual({
      a: '1',
      b: '',
      __error__: 'LogfmtParserErr',
      __error_details__: `logfmt syntax error at pos 5 : unexpected '='`,
    });
    expect(parse({ a: 'x' }, 'y="\\x" x=1', true)).toMatchObject({ a: '', __error__: 'LogfmtParserErr' });
  });
});
