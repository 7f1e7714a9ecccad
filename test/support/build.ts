/** Builds `dist` when a source is newer than it, once before all tests that run the built server. */
import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export default function setup(): void {
  const built = statSync(join(ROOT, 'dist/cli/index.js'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (built > newest(join(ROOT, 'src'))) return;
  execFileSync('npm', ['run', '-s', 'build'], { cwd: ROOT, stdio: 'inherit' });
}

/** Latest time of change of a source that is built. */
function newest(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true });
  const sources = files.filter((file) => file.isFile() && file.name.endsWith('.ts') && !file.name.endsWith('.test.ts'));
  return Math.max(...sources.map((file) => statSync(join(file.parentPath, file.name)).mtimeMs));
}
