import { Document, parse, stringify } from 'yaml';
import { isSetting, SETTINGS, type SettingsTree, settingPaths } from './config-schema.js';
import { nearest } from './nearest.js';

export type PrintMode = 'effective' | 'defaults' | 'diff';

interface Written {
  readonly value: unknown;
  /** Where it was set, for error messages. */
  readonly source: string;
}

const MASK = '********';
const PATHS = settingPaths();
/** Blocks under the name they have in a Loki configuration. */
const ALIASES: Readonly<Record<string, string>> = { limits_config: 'limits' };
const ENVIRONMENT = new Map([...PATHS.keys()].map((path) => [environmentName(path), path]));
/** Read by the client commands, not settings of the server. */
const CLIENT_ENVIRONMENT = ['SKALD_ADDR', 'SKALD_ORG_ID'];

/** `server.http_listen_port` is SKALD_SERVER_HTTP_LISTEN_PORT. */
export function environmentName(path: string): string {
  return `SKALD_${path.replaceAll('.', '_').toUpperCase()}`;
}

/** Settings as they were written, each with its place; starts with the defaults, and the last one to write wins. */
export class WrittenSettings {
  /** Reasons not to start. */
  readonly problems: string[] = [];
  /** Odd, but no reason not to start. */
  readonly warnings: string[] = [];
  readonly #written = new Map<string, Written>();

  constructor() {
    for (const [path, { initial }] of PATHS) this.#written.set(path, { value: initial, source: 'default' });
  }

  /** A YAML document. */
  readFile(name: string, text: string): void {
    try {
      const document: unknown = parse(text);
      // An empty file, or one of comments only, is a configuration too.
      if (document !== null) this.#readTree(document, SETTINGS, '', name);
    } catch (error) {
      this.problems.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  readEnvironment(environment: Readonly<Record<string, string | undefined>>): void {
    for (const [name, value] of Object.entries(environment)) {
      if (!name.startsWith('SKALD_') || value === undefined || CLIENT_ENVIRONMENT.includes(name)) continue;
      const path = ENVIRONMENT.get(name);
      if (path !== undefined) this.readScalar(path, value, `environment variable ${name}`);
      // Not an error: Kubernetes sets SKALD_PORT and the like in every pod beside a service called skald.
      else this.warnings.push(`environment variable ${name} is no setting of Skald and is ignored`);
    }
  }

  /** The value of a `--set`, e.g. `limits.reject_old_samples=false`. */
  readAssignment(assignment: string): void {
    const source = `--set ${assignment}`;
    const equals = assignment.indexOf('=');
    if (equals <= 0) {
      this.problems.push(`${source}: must look like --set limits.reject_old_samples=false`);
      return;
    }
    const [head = '', ...rest] = assignment.slice(0, equals).trim().split('.');
    const path = [ALIASES[head] ?? head, ...rest].join('.');
    if (PATHS.has(path)) this.readScalar(path, assignment.slice(equals + 1), source);
    else this.#unknown(path, source);
  }

  /** One value as text: YAML, except where the setting is text itself. */
  readScalar(path: string, text: string, source: string): void {
    const { verbatim, allowed } = PATHS.get(path)!;
    try {
      this.#written.set(path, { value: verbatim ? text : (parse(text) as unknown), source });
    } catch {
      this.problems.push(`${path} (${source}): '${text}' is no YAML; must be ${allowed}`);
    }
  }

  /** What the settings mean, as an object in the shape of the tree; adds to `problems` whatever is not allowed. */
  decode(): Record<string, unknown> {
    return nested(SETTINGS, '', (path) => {
      const { value, source } = this.#written.get(path)!;
      const { schema, allowed, isSecret } = PATHS.get(path)!;
      const result = schema.safeParse(value);
      if (result.success) return result.data;
      const shown = isSecret ? MASK : stringify(value).trim();
      this.problems.push(`${path} (${source}): ${shown} is not allowed; must be ${allowed}`);
      return undefined;
    });
  }

  /** As YAML, each as it was written last; `defaults` before anybody wrote, `diff` only those written otherwise. */
  print(mode: PrintMode = 'effective'): string {
    if (mode === 'diff') return this.#printDiff();
    return stringify(
      nested(SETTINGS, '', (path) => (mode === 'defaults' ? PATHS.get(path)!.initial : this.#shown(path))),
    );
  }

  #printDiff(): string {
    const document = new Document({});
    for (const [path, { value }] of this.#written) {
      if (stringify(value) !== stringify(PATHS.get(path)!.initial)) document.setIn(path.split('.'), this.#shown(path));
    }
    return document.toString();
  }

  #shown(path: string): unknown {
    const { value } = this.#written.get(path)!;
    return PATHS.get(path)!.isSecret && value !== '' ? MASK : value;
  }

  #readTree(node: unknown, tree: SettingsTree, prefix: string, source: string): void {
    if (typeof node !== 'object' || node === null || Array.isArray(node)) {
      const block = prefix === '' ? 'the configuration' : prefix.slice(0, -1);
      this.problems.push(`${block} (${source}): must be a block of keys: ${Object.keys(tree).join(', ')}`);
      return;
    }
    for (const [key, value] of Object.entries(node)) {
      const name = prefix === '' ? (ALIASES[key] ?? key) : key;
      const inner = Object.hasOwn(tree, name) ? tree[name] : undefined;
      if (inner === undefined) this.#unknown(prefix + key, source);
      else if (isSetting(inner)) this.#written.set(prefix + name, { value, source });
      else if (value !== null) this.#readTree(value, inner, `${prefix}${name}.`, source);
    }
  }

  #unknown(path: string, source: string): void {
    const meant = nearest(path, [...PATHS.keys()]);
    const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
    this.problems.push(`${path} (${source}): there is no such setting${hint}`);
  }
}

/** An object in the shape of the tree, frozen all the way down. */
function nested(tree: SettingsTree, prefix: string, leaf: (path: string) => unknown): Record<string, unknown> {
  const entries = Object.entries(tree).map(([key, node]): [string, unknown] => [
    key,
    isSetting(node) ? leaf(prefix + key) : nested(node, `${prefix}${key}.`, leaf),
  ]);
  return Object.freeze(Object.fromEntries(entries));
}
