import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import wabt from 'wabt';
import { LINE_SEARCH_WASM } from './line-search-wasm.js';

it('the module in the source is what line-search.wat says; UPDATE_GOLDEN=1 makes it anew', async () => {
  const file = new URL('line-search.wat', import.meta.url);
  const parsed = (await wabt()).parseWat('line-search.wat', readFileSync(file, 'utf8'), { simd: true });
  const binary = Buffer.from(parsed.toBinary({}).buffer).toString('base64');
  if (process.env.UPDATE_GOLDEN === '1') {
    const text = `/** line-search.wat, assembled; its test makes it. */\nexport const LINE_SEARCH_WASM =\n  '${binary}';\n`;
    writeFileSync(new URL('line-search-wasm.ts', import.meta.url), text);
  } else expect(LINE_SEARCH_WASM).toBe(binary);
});
