import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import wabt from 'wabt';
import { SNAPPY_WASM } from './snappy-wasm.js';

it('the module in the source is what snappy.wat says; UPDATE_GOLDEN=1 makes it anew', async () => {
  const file = new URL('snappy.wat', import.meta.url);
  const parsed = (await wabt()).parseWat('snappy.wat', readFileSync(file, 'utf8'), { simd: true });
  const binary = Buffer.from(parsed.toBinary({}).buffer).toString('base64');
  if (process.env.UPDATE_GOLDEN === '1') {
    const text = `/** snappy.wat, assembled; its test makes it. */\nexport const SNAPPY_WASM =\n  '${binary}';\n`;
    writeFileSync(new URL('snappy-wasm.ts', import.meta.url), text);
  } else expect(SNAPPY_WASM).toBe(binary);
});
