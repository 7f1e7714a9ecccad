import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import wabt from 'wabt';
import { SHAPE_WASM } from './shape-wasm.js';

it('the module in the source is what shape.wat says; UPDATE_GOLDEN=1 makes it anew', async () => {
  const file = new URL('shape.wat', import.meta.url);
  const parsed = (await wabt()).parseWat('shape.wat', readFileSync(file, 'utf8'), { simd: true });
  const binary = Buffer.from(parsed.toBinary({}).buffer).toString('base64');
  if (process.env.UPDATE_GOLDEN === '1') {
    const text = `/** shape.wat, assembled; its test makes it. */\nexport const SHAPE_WASM =\n  '${binary}';\n`;
    writeFileSync(new URL('shape-wasm.ts', import.meta.url), text);
  } else expect(SHAPE_WASM).toBe(binary);
});
