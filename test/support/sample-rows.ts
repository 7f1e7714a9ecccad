/** A small but varied set of rows: several streams, ids, rare keys, odd texts. The same every time. */
import type { TestRow } from './build-input.js';

/** An hour past midnight, so that all rows lie in one window. */
const START = 1_793_494_800_000_000_000n;
const WORDS = ['request', 'timeout', 'connection refused', 'ready', 'panic', 'снег', '雪', 'retry', 'cache miss'];

export function sampleRows(count: number): TestRow[] {
  let state = 42;
  const random = (bound: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
  const hex = (digits: number): string => Array.from({ length: digits }, () => random(16).toString(16)).join('');
  return Array.from({ length: count }, (_, i) => {
    const trace = hex(32);
    return {
      labels: { app: `app-${random(4)}`, ...(random(2) === 0 ? { env: 'prod' } : {}) },
      time: START + BigInt(i) * 1_000_000_007n - BigInt(random(3)) * 5_000_000_000n,
      line: lineOf(i, random, trace, WORDS[random(WORDS.length)]!),
      metadata: [
        ['level', ['info', 'warn', 'error'][random(3)]!],
        ['trace_id', trace],
        ...(random(40) === 0 ? [[`rare_${random(5)}`, `value "${i}"`] as const] : []),
      ],
    };
  });
}

function lineOf(i: number, random: (bound: number) => number, trace: string, word: string): string {
  switch (i % 5) {
    case 0:
      return `{"msg":"${word}","user":${random(100_000)},"trace":"${trace}"}`;
    case 1:
      return `level=info msg="${word}" duration=${random(1000)}ms ip=10.${random(256)}.${random(256)}.${random(256)}`;
    case 2:
      return random(4) === 0 ? '' : `${word}\r\n\tat Main.java:${random(500)}`;
    default:
      return `GET /api/v1/${word.replace(' ', '-')}/${random(1e9)} ${200 + random(300)}`;
  }
}
