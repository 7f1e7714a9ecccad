import { describe, expect, it } from 'vitest';
import { answerPatterns, type PatternWindow } from './answer.js';
import type { PatternLevel } from './levels.js';
import { PatternStream } from './stream.js';
import { LineTokens } from './tokens.js';

const tokens = new LineTokens();
const WINDOW: PatternWindow = { start: 0, end: 100, step: 1, intervalMs: 10_000 };

type Line = readonly [line: string, interval: number, count?: number, level?: PatternLevel];

function streamOf(...lines: readonly Line[]): PatternStream {
  const stream = new PatternStream([]);
  for (const [line, interval, count = 1, level = 'info'] of lines) {
    const bytes = Buffer.from(line);
    tokens.read(bytes, 0, bytes.length, 3000);
    stream.drain(level, 300).add(tokens, interval, count);
  }
  return stream;
}

describe('an answer', () => {
  it('adds up equal patterns of one level over streams, the most frequent first', () => {
    const streams = [
      streamOf(['one word', 1], ['two words', 1, 5], ['two words', 3, 2, 'error']),
      streamOf(['two words', 2], ['two words', 1]),
    ];
    expect(answerPatterns(streams, WINDOW)).toEqual([
      {
        pattern: 'two words',
        level: 'info',
        samples: [
          [10, 6],
          [20, 1],
        ],
      },
      { pattern: 'two words', level: 'error', samples: [[30, 2]] },
      { pattern: 'one word', level: 'info', samples: [[10, 1]] },
    ]);
  });

  it('has a sample for each step that is not empty', () => {
    const stream = streamOf(['text', 1, 1], ['text', 5, 2], ['text', 6, 3], ['text', 7, 4], ['text', 12, 5]);
    const [only] = answerPatterns([stream], { ...WINDOW, step: 6 });
    expect(only!.samples).toEqual([
      [0, 3],
      [60, 7],
      [120, 5],
    ]);
  });

  it('leaves out what lies outside of what is asked', () => {
    const stream = streamOf(['text', 4], ['text', 5, 2], ['text', 6, 3], ['other thing', 6]);
    expect(answerPatterns([stream], { ...WINDOW, start: 5, end: 6 })).toEqual([
      { pattern: 'text', level: 'info', samples: [[50, 2]] },
    ]);
  });

  it('leaves out the rarest, as long as they add little', () => {
    const rare = Array.from({ length: 30 }, (_, i): Line => [`only once ${'x'.repeat(i + 1)}`, 1]);
    const stream = (count: number) => streamOf(['very common', 1, count], ['less common', 1, 30], ...rare);
    const patterns = (count: number) => answerPatterns([stream(count)], WINDOW).map(({ pattern }) => pattern);
    expect(patterns(10_000)).toEqual(['very common', 'less common']);
    expect(patterns(100).length).toBeGreaterThan(15);
  });

  it('is empty when nothing was counted', () => {
    expect(answerPatterns([], WINDOW)).toEqual([]);
  });
});
