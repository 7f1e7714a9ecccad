import { readFile } from 'node:fs/promises';
import type { Settings } from './config.js';
import { ConfigError } from './config-error.js';
import { type LimitsBook, parseOverrides } from './limits-book.js';
import type { Logger } from './log-node.js';

/**
 * Reads the runtime configuration now and then again and again, and keeps what was valid last. Throws a ConfigError when
 * it is wrong at the start. Returns what stops the reading.
 */
export async function watchRuntimeConfig(
  { file, period }: Settings['runtime_config'],
  book: LimitsBook,
  log: Logger,
): Promise<() => void> {
  if (file === '') return () => undefined;
  let known = await textOf(file);
  book.override(parseOverrides(file, known));
  const reread = async (): Promise<void> => {
    const text = await textOf(file);
    if (text === known) return;
    known = text;
    book.override(parseOverrides(file, text));
    log.info({ file }, 'runtime configuration read');
  };
  const timer = setInterval(() => {
    reread().catch((error: unknown) => {
      const problems = error instanceof ConfigError ? error.problems : [String(error)];
      log.error({ problems }, 'runtime configuration is wrong; the last one that was right stays in force');
    });
  }, period);
  timer.unref();
  return () => clearInterval(timer);
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new ConfigError([
      `runtime_config.file ${file}: ${code === 'ENOENT' ? 'no such file' : `may not be read (${code})`}`,
    ]);
  }
}
