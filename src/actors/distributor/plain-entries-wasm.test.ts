import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import wabt from 'wabt';
import { PLAIN_ENTRIES_WASM } from './plain-entries-wasm.js';

it('the module in the source is what plain-entries.wat says; UPDATE_GOLDEN=1 makes it anew', async () => {
  const file = new URL('plain-entries.wat', import.meta.url);
  const parsed = (await wabt()).parseWat('plain-entries.wat', readFileSync(file, 'utf8'), { simd: true });
  const binary = Buffer.from(parsed.toBinary({}).buffer).toString('base64');
  if (process.env.UPDATE_GOLDEN === '1') {
    const text = `/** plain-entries.wat, assembled; its test makes it. */\nexport const PLAIN_ENTRIES_WASM =\n  '${binary}';\n`;
    writeFileSync(new URL('plain-entries-wasm.ts', import.meta.url), text);
  } else expect(PLAIN_ENTRIES_WASM).toBe(binary);
});
