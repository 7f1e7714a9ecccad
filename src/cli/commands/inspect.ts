import { type FileHandle, open, writeFile } from 'node:fs/promises';
import { CorruptObject } from '../../storage/corrupt.js';
import { openObject } from '../../storage/dataobj/object.js';
import type { RangeReader } from '../../storage/dataobj/types.js';
import type { Command, CommandIo } from '../command.js';
import { CommandError, UsageError } from '../command-error.js';
import { formatBytes } from '../human.js';
import { describeObject } from '../inspect/describe.js';
import { descriptionText } from '../inspect/print.js';
import { choice, parseOptions, wholeNumber } from '../options.js';

const USAGE = `skald inspect FILE.dataobj

Shows what a data object holds, and checks its checksums. Needs no server.

  --streams           list all streams, not only the largest
  --section N --parquet FILE
                      write logs section N as a Parquet file of its own, which DuckDB, pyarrow and others open
  --output text|json

  skald inspect data/objects/FILE.dataobj`;

export const inspect: Command = {
  name: 'inspect',
  summary: 'show what a data object holds',
  usage: USAGE,
  run: runInspect,
};

async function runInspect(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = parseOptions('inspect', args, {
    help: { type: 'boolean', short: 'h' },
    streams: { type: 'boolean', default: false },
    section: { type: 'string', default: '0' },
    parquet: { type: 'string' },
    output: { type: 'string', short: 'o', default: 'text' },
  });
  const [path, ...more] = positionals;
  if (path === undefined || more.length > 0) throw new UsageError(`give one file:\n\n${USAGE}`);
  const output = choice('output', values.output, ['text', 'json']);
  const file = await opened(path);
  try {
    const reader = await fileReader(file);
    if (values.parquet !== undefined) {
      const section = wholeNumber('section', values.section);
      return await extract(reader, path, section, values.parquet, io);
    }
    const description = await describeObject(reader, path);
    const text = output === 'json' ? `${JSON.stringify(description)}\n` : descriptionText(description, values.streams);
    await io.out(text);
    return description.parts.some(({ checksum }) => checksum === 'wrong') ? 1 : 0;
  } catch (error) {
    if (error instanceof CorruptObject) throw new CommandError(`not an intact data object: ${error.message}`);
    throw error;
  } finally {
    await file.close();
  }
}

async function opened(path: string): Promise<FileHandle> {
  try {
    return await open(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new CommandError(`${path}: ${code === 'ENOENT' ? 'no such file' : `may not be read (${code})`}`);
  }
}

async function fileReader(file: FileHandle): Promise<RangeReader> {
  const { size } = await file.stat();
  return {
    size,
    read: async (offset, length) => {
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, offset);
      return buffer.subarray(0, bytesRead);
    },
  };
}

async function extract(reader: RangeReader, path: string, section: number, to: string, io: CommandIo): Promise<number> {
  const object = await openObject(reader, path);
  const entry = object.entries.logs[section];
  if (entry === undefined) throw new UsageError(`--section ${section}: the object has ${object.sections} of them`);
  await writeFile(to, await reader.read(entry.offset, entry.length));
  await io.out(`${to}: ${formatBytes(entry.length)} of Parquet\n`);
  return 0;
}
