/**
 * Loads zstd so that threads do not share it.
 *
 * The native module of @cloudpss/zstd 0.2.16 keeps one compression and one decompression context in static variables,
 * and a process loads a native module once: two threads that call it at the same time corrupt each other's data or
 * crash the process. So the main thread uses the module itself and every worker thread loads a copy of the file, which
 * the dynamic linker treats as another library. Where no copy can be made (no writable temporary directory, or one
 * without execute permission), a worker falls back to WebAssembly, which is per thread and half as fast.
 */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isMainThread } from 'node:worker_threads';

export interface ZstdBinding {
  compress(data: Buffer, level: number): Uint8Array;
  /** Throws when the content is damaged or not smaller than `sizeLimit`. */
  decompress(data: Buffer, sizeLimit: number): Uint8Array;
}

const packageFile = createRequire(import.meta.url).resolve('@cloudpss/zstd/package.json');
const packageRequire = createRequire(packageFile);

function nativePath(): string {
  const build = packageRequire('node-gyp-build') as { path(root: string): string };
  return build.path(dirname(packageFile));
}

function loadShared(): ZstdBinding {
  return packageRequire(nativePath()) as ZstdBinding;
}

function loadCopy(): ZstdBinding {
  const directory = mkdtempSync(join(tmpdir(), 'skald-zstd-'));
  try {
    const copy = join(directory, 'zstd.node');
    copyFileSync(nativePath(), copy);
    const holder = { exports: {} };
    process.dlopen(holder, copy);
    return holder.exports as ZstdBinding;
  } finally {
    try {
      rmSync(directory, { recursive: true, force: true });
    } catch {
      // Windows keeps loaded files; the system clears its temporary directory.
    }
  }
}

async function loadWasm(): Promise<ZstdBinding> {
  const { compress, decompress } = await import('@cloudpss/zstd/wasm');
  return { compress, decompress: (data) => decompress(data) };
}

async function load(): Promise<ZstdBinding> {
  try {
    return isMainThread ? loadShared() : loadCopy();
  } catch {
    return loadWasm();
  }
}

export const zstdBinding: ZstdBinding = await load();
