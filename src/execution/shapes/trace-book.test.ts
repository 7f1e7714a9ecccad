import { describe, expect, it } from 'vitest';
import { lineShapes } from '../../../test/support/shape.js';
import type { LineParser } from '../extract/field-sink.js';
import { LogfmtParser } from '../extract/logfmt.js';
import { ParsedNames } from '../functions/parsed-names.js';
import { ParsedSink } from '../functions/parsed-sink.js';
import { BY_LINE, TraceBook, traceBook } from './trace-book.js';
import { TraceRecorder } from './trace-recorder.js';

/** A book of logfmt, and the shapes that its parser was given. */
function book(): { book: TraceBook; parsed: string[] } {
  const parsed: string[] = [];
  const logfmt = new LogfmtParser({ strict: false, keepEmpty: false });
  const parser: LineParser = {
    parse: (line, start, end, sink) => {
      parsed.push(line.utf8Slice(start, end));
      logfmt.parse(line, start, end, sink);
    },
  };
  const names = new ParsedNames();
  const recorder = new TraceRecorder(parser, new ParsedSink(undefined, undefined, { names }));
  return { book: new TraceBook({ recorder, names, relevant: undefined, errorsUnseen: false }), parsed };
}

const linesOf = (...lines: string[]) => lines.map((line) => Buffer.from(line));

describe('a book of traces', () => {
  it('has a shape parsed once, in whichever sections it is', () => {
    const { book: one, parsed } = book();
    const first = lineShapes(linesOf('a=1', 'b=2', 'b=3')).shapes;
    const second = lineShapes(linesOf('b=4', 'c=5', 'a=6')).shapes;
    const entries = [first, second].map((shapes) =>
      Array.from({ length: shapes.count }, (_, shape) => one.entryOf(shapes, one.entriesOf(shapes), shape)),
    );
    expect(parsed).toEqual(['a=0', 'b=0', 'c=0']);
    expect(entries[1]![0]).toBe(entries[0]![1]);
    expect(entries[1]![2]).toBe(entries[0]![0]);
    expect(new Set(entries.flat()).size).toBe(3);
  });

  it('does not look at the shapes of a section again that it knows', () => {
    const { book: one } = book();
    const section = {};
    const { shapes } = lineShapes(linesOf('a=1', 'a=x1y'));
    const entryOf = (of: typeof shapes, shape: number) => one.entryOf(of, one.entriesOf(of), shape);
    const known = [0, 1].map((shape) => entryOf({ ...shapes, section }, shape));
    const unreadable = {
      ...{ section, count: 2 },
      get bytes(): Buffer {
        throw new Error('these shapes are known');
      },
      ...{ starts: shapes.starts, ends: shapes.ends },
    };
    expect([0, 1].map((shape) => entryOf(unreadable, shape))).toEqual(known);
  });

  it('remembers of what shapes lines have to be parsed', () => {
    const { book: one } = book();
    const { shapes } = lineShapes(linesOf('a1=1'));
    expect([0, 0].map((shape) => one.entryOf(shapes, one.entriesOf(shapes), shape))).toEqual([BY_LINE, BY_LINE]);
  });

  it('is the same for a function until it is full, or many others were opened', () => {
    const { book: one } = book();
    let made = 0;
    const open = (key: string) =>
      traceBook(key, () => {
        made++;
        const names = new ParsedNames();
        const parser = new LogfmtParser({ strict: false, keepEmpty: false });
        const recorder = new TraceRecorder(parser, new ParsedSink(undefined, undefined, { names }));
        return { recorder, names, relevant: undefined, errorsUnseen: false };
      });
    const kept = open('a');
    expect(open('a')).toBe(kept);
    expect(kept).not.toBe(one);
    const { shapes } = lineShapes([Buffer.alloc(1 << 20, 'x')]);
    for (let i = 0; i < 9; i++) {
      const distinct = { ...shapes, bytes: Buffer.from(shapes.bytes) };
      distinct.bytes[0] = 0x61 + i;
      kept.entryOf(distinct, kept.entriesOf(distinct), 0);
    }
    expect(kept.full).toBe(true);
    const next = open('a');
    expect(next).not.toBe(kept);
    for (let i = 0; i < 8; i++) open(`other ${i}`);
    expect(open('a')).not.toBe(next);
    expect(made).toBe(11);
  });
});
