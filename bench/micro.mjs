// npm run bench:micro -- [REGEX]: runs the benchmarks of kernels, decoders and builders in bench/micro, one after the other.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const folder = path.join(import.meta.dirname, 'micro');
const wanted = new RegExp(process.argv[2] ?? '.');
const files = fs.readdirSync(folder).filter((name) => name.endsWith('.mjs') && wanted.test(name));
if (files.length === 0) throw new Error(`no benchmark in ${folder} is named like ${wanted}`);
const failed = files.filter((name) => {
  console.log(`\n## ${path.parse(name).name}\n`);
  return spawnSync(process.execPath, ['--expose-gc', path.join(folder, name)], { stdio: 'inherit' }).status !== 0;
});
if (failed.length > 0) console.error(`failed: ${failed.join(', ')}`);
process.exitCode = failed.length > 0 ? 1 : 0;
