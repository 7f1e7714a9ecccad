// biome-ignore-all lint/suspicious/noTemplateCurlyInString: source text that is looked at, not run
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { breaches, type SourceFile } from './support/architecture.js';
import { codeOf } from './support/source-text.js';

const SRC = new URL('../src/', import.meta.url);

function sources(): SourceFile[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts') && !path.endsWith('.d.ts'))
    .map((path) => ({ path, text: readFileSync(new URL(path, SRC), 'utf8') }));
}

describe('the house', () => {
  it('has its imports in order and the world outside', () => {
    const files = sources();
    expect(files.length).toBeGreaterThan(100);
    expect(breaches(files)).toEqual([]);
  });
});

describe('the walker', () => {
  const one = (path: string, text: string) => breaches([{ path, text }]);

  it.each([
    ['wire/x.ts', "import { a } from '../planning/a.js';", 'wire must not know planning'],
    ['wire/x.ts', "import type { a } from '../cli/a.js';", 'wire must not know cli'],
    ['planning/x/y.ts', "import {\n  a,\n  b,\n} from '../../storage/a.js';", 'planning must not know storage'],
    ['storage/x.ts', "export * from '../planning/a.js';", 'storage must not know planning'],
    ['execution/x.ts', "import '../actors/a/b.js';", 'execution must not know actors'],
    ['api/x.ts', "const a = await import('../actors/a/b.js');", 'api must not know actors'],
    ['actors/a/x.ts', "import { b } from '../b/state.js';", 'actors talk in messages'],
    ['elsewhere/x.ts', "import { b } from '../wire/b.js';", 'elsewhere is no layer of the house'],
  ])('catches %s with %j', (path, text, message) => {
    expect(one(path, text)).toHaveLength(1);
    expect(one(path, text)[0]).toContain(message);
  });

  it.each([
    ['const t = Date.now();', 'Date.now'],
    ['const t = new Date().toISOString();', 'new Date()'],
    ['const r = Math.random();', 'Math.random'],
    ['const t = performance.now();', 'performance.now'],
    ['setTimeout(() => {}, 1);', 'setTimeout'],
    ['const x = process.env.HOME;', 'process'],
    ['const x = `a ${Date.now()} b`;', 'Date.now'],
    ["import { readFileSync } from 'node:fs';", 'node:fs'],
    ["import net from 'net';", 'net'],
    ["import { Worker } from 'node:worker_threads';", 'node:worker_threads'],
  ])('catches the world in %s', (text, name) => {
    expect(one('storage/x.ts', text)).toHaveLength(1);
    expect(one('storage/x.ts', text)[0]).toContain(name);
    expect(one('storage/x-node.ts', text)).toEqual([]);
    expect(one('cli/x.ts', text)).toEqual([]);
  });

  it.each([
    "import { a } from './a.js';",
    "import { a } from '../../wire/a.js';",
    "import { a } from '../runtime/mailbox.js';",
    "import { createHash } from 'node:crypto';",
    "import type { MessagePort } from 'node:worker_threads';",
    "type Port = import('node:worker_threads').MessagePort;",
    '// Date.now() and setTimeout\nconst a = 1;',
    "const a = 'Math.random() of process';",
    'const a = `setTimeout ${b} process`;',
    'const a = /process|Date.now/.test(b);',
    'function run(process: Step) {}',
    'this.process(row);',
    'const d = new Date(ms);',
  ])('leaves %j alone', (text) => {
    expect(one('actors/a/x.ts', text)).toEqual([]);
  });

  it('reads code past strings, templates, regular expressions and comments', () => {
    const text = ["const a = 'it\\'s'; /* ' */ x();", 'const b = `${`${c}`} } `; y();', 'const d = e / f / 2; z();'];
    const code = codeOf(`${text.join('\n')}\nconst r = /[/'"]/g; end();`);
    for (const name of ['x()', 'c', 'y()', 'e / f / 2', 'z()', 'end()']) expect(code).toContain(name);
    expect(code).not.toMatch(/['"`]/);
    expect(code.split('\n')).toHaveLength(4);
  });
});
