import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { DEFAULT_LIMITS } from '../wire/limits.js';
import { type ConfigSources, loadConfig } from './config.js';
import { ConfigError } from './config-error.js';
import { settingPaths } from './config-schema.js';
import { environmentName } from './config-written.js';

const NOTHING: ConfigSources = { environment: {}, assignments: [], flags: {} };

function load(sources: Partial<ConfigSources> = {}) {
  return loadConfig({ ...NOTHING, ...sources });
}

function problems(sources: Partial<ConfigSources>): readonly string[] {
  try {
    load(sources);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  throw new Error('was accepted');
}

function yaml(text: string): Partial<ConfigSources> {
  return { file: { name: 'skald.yaml', text } };
}

describe('the bound of slow queries', () => {
  it.each([
    ['0', 0],
    ['1500ms', 1500],
    ['-1', -1],
    ['-1s', -1],
  ])('may be written %s', (text, ms) => {
    const assignments = [`frontend.log_queries_longer_than=${text}`];
    expect(load({ assignments }).settings.frontend.log_queries_longer_than).toBe(ms);
  });

  it('is nothing else', () => {
    expect(problems({ assignments: ['frontend.log_queries_longer_than=often'] })[0]).toContain('or -1 for all');
  });
});

describe('defaults', () => {
  it('of the limits are those the system works with', () => {
    expect(load().settings.limits).toEqual(DEFAULT_LIMITS);
  });

  it('listen on the loopback address without authentication, and run everything', () => {
    const { settings } = load();
    expect(settings.server.http_listen_address).toBe('127.0.0.1');
    expect(settings.server.http_listen_port).toBe(3100);
    expect(settings.auth_enabled).toBe(false);
    expect(settings.roles).toEqual(['all']);
    expect(settings.ingester.chunk_idle_period).toBe(60_000);
  });

  it('cannot be changed after the start', () => {
    const { settings } = load();
    expect(Object.isFrozen(settings)).toBe(true);
    expect(Object.isFrozen(settings.ingester.wal)).toBe(true);
    expect(Object.isFrozen(settings.limits)).toBe(true);
  });
});

describe('config/single.yaml', () => {
  const text = readFileSync(new URL('../../config/single.yaml', import.meta.url), 'utf8');

  it('says exactly the defaults', () => {
    expect(load(yaml(text)).settings).toEqual(load().settings);
  });

  it('names every setting', () => {
    const document: unknown = parse(text);
    const named = (path: string) =>
      path.split('.').reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], document);
    expect([...settingPaths().keys()].filter((path) => named(path) === undefined)).toEqual([]);
  });
});

describe('config/cluster.yaml', () => {
  it('can be used by every process of a cluster', () => {
    const text = readFileSync(new URL('../../config/cluster.yaml', import.meta.url), 'utf8');
    const { settings, warnings } = load(yaml(text));
    expect(warnings).toEqual([]);
    expect(settings.nats.servers).toBe('nats://127.0.0.1:4222');
    expect(settings.cluster).toEqual(load().settings.cluster);
  });
});

describe('secrets', () => {
  const environment = { SKALD_NATS_PASSWORD: 'hunter2', SKALD_STORAGE_S3_SECRET_ACCESS_KEY: 'hunter2' };

  it('are in force and shown nowhere', () => {
    const config = load({ environment });
    expect(config.settings.nats.password).toBe('hunter2');
    for (const mode of ['effective', 'diff'] as const) {
      expect(config.print(mode)).not.toContain('hunter2');
      expect(config.print(mode)).toContain('********');
    }
  });
});

describe('sources', () => {
  it('win over each other in order: file, environment, --set, flags', () => {
    const file = yaml('server:\n  http_listen_port: 1\n').file!;
    const environment = { SKALD_SERVER_HTTP_LISTEN_PORT: '2' };
    const assignments = ['server.http_listen_port=3'];
    const flags = { port: '4' };
    const port = (sources: Partial<ConfigSources>) => load(sources).settings.server.http_listen_port;
    expect(port({ file })).toBe(1);
    expect(port({ file, environment })).toBe(2);
    expect(port({ file, environment, assignments })).toBe(3);
    expect(port({ file, environment, assignments, flags })).toBe(4);
  });

  it('an environment variable is the path in capitals', () => {
    expect(environmentName('ingester.wal.segment_size')).toBe('SKALD_INGESTER_WAL_SEGMENT_SIZE');
    const names = [...settingPaths().keys()].map(environmentName);
    expect(new Set(names).size).toBe(names.length);
  });

  it('an unknown environment variable is a warning, those of the client are not', () => {
    const { warnings } = load({
      environment: { SKALD_PORT: 'tcp://10.0.0.1:3100', SKALD_ADDR: 'http://x', HOME: '/' },
    });
    expect(warnings).toEqual(['environment variable SKALD_PORT is no setting of Skald and is ignored']);
  });

  it('--set takes YAML, and may be repeated', () => {
    const { settings } = load({
      assignments: [
        'limits.reject_old_samples=false',
        'limits.discover_service_name=[]',
        'limits.required_labels=[app, env]',
        'limits_config.max_query_series=7',
        'log.format=json',
      ],
    });
    expect(settings.limits).toMatchObject({
      reject_old_samples: false,
      discover_service_name: [],
      required_labels: ['app', 'env'],
      max_query_series: 7,
    });
    expect(settings.log.format).toBe('json');
  });

  it('text from flags is taken as it is', () => {
    expect(load({ flags: { data: '0123: x' } }).settings.storage.directory).toBe('0123: x');
  });

  it("limits may stand under Loki's name for the block, and empty blocks and files are allowed", () => {
    expect(load(yaml('limits_config:\n  max_query_series: 9\nserver:\n')).settings.limits.max_query_series).toBe(9);
    expect(load(yaml('# nothing\n')).settings).toEqual(load().settings);
  });
});

describe('values', () => {
  const limit = (key: string, value: string) => load({ assignments: [`limits.${key}=${value}`] }).settings.limits;

  it.each([
    ['256KB', 262144],
    ['1MB', 1048576],
    ['1.5MiB', 1572864],
    ['10', 10],
    ['10 B', 10],
    ['2g', 2147483648],
  ])('the size %s is %d bytes', (text, bytes) => {
    expect(limit('max_line_size', text).max_line_size).toBe(bytes);
  });

  it.each([
    ['1w', 604_800_000],
    ['7d', 604_800_000],
    ['1h30m', 5_400_000],
    ['500ms', 500],
    ['0', 0],
  ])('the duration %s is %d milliseconds', (text, ms) => {
    expect(limit('query_timeout', text).query_timeout_ms).toBe(ms);
  });
});

describe('complaints', () => {
  it('name the key, where it was set and what is allowed', () => {
    expect(problems({ assignments: ['limits.max_line_size=big'] })).toEqual([
      'limits.max_line_size (--set limits.max_line_size=big): big is not allowed; must be a size such as 256KB, 100MB or 1GB, or a number of bytes',
    ]);
    expect(problems(yaml('limits:\n  query_timeout: 90\n'))[0]).toMatch(
      /^limits\.query_timeout \(skald\.yaml\): 90 is not allowed; must be a duration such as 30s/,
    );
    expect(problems({ environment: { SKALD_AUTH_ENABLED: 'maybe' } })[0]).toBe(
      'auth_enabled (environment variable SKALD_AUTH_ENABLED): maybe is not allowed; must be true or false',
    );
    expect(problems({ flags: { port: '70000' } })[0]).toBe(
      'server.http_listen_port (--port): 70000 is not allowed; must be a whole number from 0 to 65535',
    );
    expect(problems({ assignments: ['log.level=loud'] })[0]).toMatch(/must be trace, debug, .* or silent$/);
  });

  it('about unknown keys guess what was meant', () => {
    expect(problems(yaml('limits:\n  max_line_sise: 1\n'))).toEqual([
      'limits.max_line_sise (skald.yaml): there is no such setting; did you mean limits.max_line_size?',
    ]);
    expect(problems({ assignments: ['reject_old_samples=false'] })[0]).toContain('mean limits.reject_old_samples?');
    expect(problems(yaml('schema_config: {}\n'))[0]).toBe('schema_config (skald.yaml): there is no such setting');
    expect(problems(yaml('__proto__: 1\n'))[0]).toContain('no such setting');
  });

  it('come all at once', () => {
    expect(problems({ ...yaml('a: 1\nb: 2\n'), assignments: ['nonsense', 'c=3'] })).toHaveLength(4);
  });

  it('about a file that is no YAML or no block of keys say so', () => {
    expect(problems(yaml('a: [1\n'))[0]).toMatch(/^skald\.yaml: /);
    expect(problems(yaml('just text\n'))[0]).toMatch(/^the configuration \(skald\.yaml\): must be a block of keys/);
    expect(problems(yaml('server: 3100\n'))[0]).toMatch(/^server \(skald\.yaml\): must be a block of keys/);
  });
});

describe('roles', () => {
  it('parse alone and in lists, in a fixed order', () => {
    expect(load({ flags: { role: 'read, write,read' } }).settings.roles).toEqual(['write', 'read']);
  });

  it.each(['reader', '', ','])('"%s" is none', (role) => {
    expect(problems({ flags: { role } })[0]).toContain('choose from all, write, read');
  });
});

describe('printing', () => {
  it('shows every setting as it was written last, and reads back the same', () => {
    const config = load({ assignments: ['limits.max_line_size=1MB'] });
    expect(config.print()).toContain('max_line_size: 1MB');
    expect(load(yaml(config.print())).settings).toEqual(config.settings);
  });
});
