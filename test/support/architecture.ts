/** The rules of the house: who may import whom, and where the ambient world may appear. */
import { posix } from 'node:path';
import { codeOf } from './source-text.js';

export interface SourceFile {
  /** From `src/` on, e.g. `wire/time.ts`. */
  readonly path: string;
  readonly text: string;
}

/** What each folder may import besides itself. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  wire: [],
  planning: ['wire'],
  storage: ['wire'],
  execution: ['wire', 'planning', 'storage'],
  actors: ['wire', 'planning', 'storage', 'execution'],
  api: ['wire'],
  cli: ['wire', 'planning', 'storage', 'execution', 'actors', 'api'],
};

/** What every actor is built on; the other folders of `actors` know nothing of each other. */
const SHARED_BY_ACTORS = ['runtime', 'ring', 'stream'];

/** Files that may touch the world: the composition root, and those that say so in their name. */
const AMBIENT_FILE = /^cli\/|-(?:node|nats|s3|piscina)(?:\.test)?\.ts$/;

const AMBIENT_NAMES: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/\bDate\.now\b/, 'take `now` as an argument'],
  [/\bnew Date\(\s*\)/, 'take `now` as an argument'],
  [/\bperformance\.now\b/, 'take a clock as an argument'],
  [/\bMath\.random\b|\brandomUUID\b|\brandomBytes\b|\bgetRandomValues\b/, 'take a source of randomness as an argument'],
  [/\bset(?:Timeout|Interval|Immediate)\b/, 'return an effect, or take a clock as an argument'],
  [/(?<![.\w])process\b(?!\s*[:(?=])/, 'take what you need as an argument'],
];

const AMBIENT_MODULES = [
  'fs',
  'fs/promises',
  'net',
  'tls',
  'dgram',
  'dns',
  'http',
  'https',
  'http2',
  'worker_threads',
  'child_process',
  'cluster',
  'os',
  'process',
  'timers',
  'timers/promises',
];

const IMPORT = /(?:\bimport|\bexport)\b[^'";]*?\bfrom\s*'([^']+)'|\bimport\s*(?:\(\s*)?'([^']+)'/g;
/** Types alone bring nothing of the world along. */
const TYPE_IMPORT = /\bimport type\b[^'";]*?\bfrom\s*'[^']+'|\bimport\('[^']+'\)\.[A-Z]\w*/g;

/** Every breach, one sentence each, `path: what; what to do instead`. */
export function breaches(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => {
    const valueImports = importsOf(file.text.replaceAll(TYPE_IMPORT, ''));
    return [
      ...importsOf(file.text).flatMap((target) => importBreach(file.path, target)),
      ...ambientBreaches(file, valueImports),
    ];
  });
}

function importsOf(text: string): string[] {
  return [...text.matchAll(IMPORT)].map((match) => match[1] ?? match[2]!);
}

function importBreach(path: string, target: string): string[] {
  if (!target.startsWith('.')) return [];
  const resolved = posix.join(posix.dirname(path), target);
  const [layer = '', folder = ''] = path.split('/');
  const [otherLayer = '', otherFolder = ''] = resolved.split('/');
  if (otherLayer !== layer) {
    const allowed = LAYERS[layer];
    if (allowed === undefined) return [`${path}: ${layer} is no layer of the house`];
    return allowed.includes(otherLayer) ? [] : [`${path}: imports ${resolved}; ${layer} must not know ${otherLayer}`];
  }
  if (layer !== 'actors' || folder === otherFolder || SHARED_BY_ACTORS.includes(otherFolder)) return [];
  return [`${path}: imports ${resolved}; actors talk in messages`];
}

function ambientBreaches({ path, text }: SourceFile, imports: readonly string[]): string[] {
  if (AMBIENT_FILE.test(path)) return [];
  const modules = imports
    .filter((target) => AMBIENT_MODULES.includes(target.replace(/^node:/, '')))
    .map((target) => `${path}: imports ${target}; that belongs in cli/ or a file ending in -node.ts`);
  const code = codeOf(text);
  const names = AMBIENT_NAMES.flatMap(([pattern, instead]) => {
    const found = pattern.exec(code);
    return found === null ? [] : [`${path}: uses ${found[0]}; ${instead}`];
  });
  return [...modules, ...names];
}
