/**
 * Golden files: cases kept as text beside their test, so that people can read what a plan looks like. A file starts
 * with a comment saying what it shows, then `key: value` lines that make up the input, then what the test produces
 * under `-- title --` headings. UPDATE_GOLDEN=1 rewrites the produced part.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';

export interface Golden {
  readonly name: string;
  /** The comment, as one sentence. */
  readonly claim: string;
  readonly fields: Readonly<Record<string, string>>;
  /** Compares, or rewrites, the sections. */
  check(sections: readonly (readonly [title: string, text: string])[]): void;
}

/** The cases of a folder whose names start with `prefix`, sorted. */
export function goldens(directory: URL, prefix = ''): readonly Golden[] {
  const names = readdirSync(directory).filter((name) => name.endsWith('.txt') && name.startsWith(prefix));
  return names.sort().map((name) => readGolden(new URL(name, directory), name));
}

function readGolden(file: URL, name: string): Golden {
  const text = readFileSync(file, 'utf8');
  const headEnd = text.indexOf('\n-- ');
  const head = headEnd === -1 ? text.trimEnd() : text.slice(0, headEnd);
  const lines = head.split('\n');
  const comment = lines.filter((line) => line.startsWith('# ')).map((line) => line.slice(2));
  const fields = lines.filter((line) => !line.startsWith('#')).map((line) => line.split(/: (.*)/s, 2));
  return {
    name,
    claim: comment.join(' '),
    fields: Object.fromEntries(fields.map(([key, value]) => [key!, value ?? ''])),
    check(sections) {
      const produced = sections.map(([title, body]) => `\n-- ${title} --\n${body}`).join('');
      const actual = `${head}${produced}`;
      if (process.env.UPDATE_GOLDEN === '1') writeFileSync(file, actual);
      else expect(actual).toBe(text);
    },
  };
}
