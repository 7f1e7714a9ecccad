import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import wabt from 'wabt';
import { LINE_KERNEL_WASM } from './line-kernel-wasm.js';

it('the module in the source is what line-kernel.wat says; UPDATE_GOLDEN=1 makes it anew', async () => {
  const file = new URL('line-kernel.wat', import.meta.url);
  const parsed = (await wabt()).parseWat('line-kernel.wat', readFileSync(file, 'utf8'), { simd: true });
  const binary = Buffer.from(parsed.toBinary({}).buffer).toString('base64');
  if (process.env.UPDATE_GOLDEN === '1') {
    const text = `/** line-kernel.wat, assembled; its test makes it. */\nexport const LINE_KERNEL_WASM =\n  '${binary}';\n`;
    writeFileSync(new URL('line-kernel-wasm.ts', import.meta.url), text);
  } else expect(LINE_KERNEL_WASM).toBe(binary);
});
