import { Drain } from '../../../src/actors/patterns/drain.js';
import { LineTokens } from '../../../src/actors/patterns/tokens.js';
import { compilePatternFilter } from '../../../src/execution/kernels/pattern-filter.js';
import { mutatedBytes, mutatedText, randomText } from '../mutate.js';
import type { FuzzTarget } from '../target.js';

const LINES = [
  'level=info ts=2026-11-01T10:00:00Z msg="request done" path=/api/1 took=5ms',
  '{"level":"warn","msg":"queue \\"main\\" is long","length":5,"host":"größe-1"}',
  '[Sun Dec 04 04:47:44 2005] [error] mod_jk child <workerEnv> in error state: 6',
  '10.0.0.1 - - "GET /x?a=b&c=<_> HTTP/1.1" 200 :: <name>:',
];

/** Every pattern matches, as a line filter, the lines it was made from. */
export const patterns: FuzzTarget = {
  name: 'patterns',
  weight: 0.3,
  attempt(random) {
    const drain = new Drain(1 + random.below(5));
    const tokens = new LineTokens();
    const lineBytesMax = random.pick([20, 3000]);
    const sample = random.pick(LINES);
    let last: Buffer = Buffer.alloc(0);
    for (let i = 0; i < 6; i++) {
      const text = random.chance(0.05) ? randomText(random, 60) : mutatedText(random, sample, random.pick(LINES));
      const line = random.chance(0.2) ? mutatedBytes(random, Buffer.from(text)) : Buffer.from(text);
      tokens.read(line, 0, line.length, lineBytesMax);
      if (tokens.words === 0) continue;
      drain.add(tokens, i, 1);
      last = line;
    }
    const matching = [...drain.clusters()].filter(({ pattern }) => {
      const matches = compilePatternFilter(pattern);
      return matches.match(Int32Array.of(0, last.length), last, null, 1, new Int32Array(1)) === 1;
    });
    if (matching.length === 0 && drain.size > 0) throw new TypeError(`nothing matches ${last.toString('hex')}`);
    return drain.size > 0;
  },
};
