import { describe, expect, it } from 'vitest';
import { run } from '../../test/support/cli.js';
import type { Settings } from './config.js';

async function served(args: readonly string[]): Promise<Settings | undefined> {
  let settings: Settings | undefined;
  await run(args, {
    serve: async (given) => {
      settings = given.settings;
    },
  });
  return settings;
}

describe('without a command', () => {
  it('the server runs, with flags of its own before everything else', async () => {
    expect((await served([]))!.server.http_listen_port).toBe(3100);
    const args = ['--role=all', '--port', '4000', '--data', '/tmp/x', '--host', '0.0.0.0', '--set', 'log.level=warn'];
    const settings = (await served(args))!;
    expect(settings.server).toMatchObject({ http_listen_port: 4000, http_listen_address: '0.0.0.0' });
    expect(settings.storage.directory).toBe('/tmp/x');
    expect(settings.log.level).toBe('warn');
  });

  it('a part of a cluster asks for NATS, and says how to give it', async () => {
    const { code, err } = await run(['--role', 'write,read']);
    expect(code).toBe(2);
    expect(err).toBe(
      'skald: role: write,read: a part of a cluster needs NATS to find the others, e.g. --nats nats://127.0.0.1:4222; without it run everything in one process with --role=all\n',
    );
  });

  it('mistakes are exit code 2, one line each, without a stack', async () => {
    const { code, err } = await run(['--set', 'a=1', '--set', 'log.level=loud']);
    expect(code).toBe(2);
    expect(err.trim().split('\n')).toHaveLength(2);
    expect(err).not.toContain('.ts:');
    expect(await run(['--nope'])).toMatchObject({ code: 2, err: "skald: Unknown option '--nope'\nsee: skald help\n" });
    expect(await run(['--config', '/no/such/file'])).toMatchObject({
      code: 2,
      err: 'skald: --config /no/such/file: no such file\n',
    });
    expect((await run(['--port', '1', 'extra'])).code).toBe(2);
  });

  it('an odd environment variable is only mentioned', async () => {
    const { code, err } = await run([], { environment: { SKALD_PORT: 'tcp://10.0.0.1:3100' } });
    expect(code).toBe(0);
    expect(err).toContain('SKALD_PORT');
  });

  it('--print-config prints what is in force and does not start', async () => {
    let started = false;
    const { code, out } = await run(['--print-config', '--role=read', '--set', 'limits.max_query_series=7'], {
      serve: async () => {
        started = true;
      },
    });
    expect(code).toBe(0);
    expect(out).toContain('max_query_series: 7');
    expect(out).toContain('role: read');
    expect(started).toBe(false);
  });

  it('--version and --help print and do not start', async () => {
    expect((await run(['--version'])).out).toMatch(/^skald \d+\.\d+\.\d+/);
    expect((await run(['--help'])).out).toContain('--print-config');
  });
});

describe('help', () => {
  it('lists every command', async () => {
    const { out } = await run(['help']);
    for (const name of ['push', 'query', 'explain', 'labels', 'series', 'inspect'])
      expect(out).toContain(`skald ${name}`);
  });

  it('explains one command, also when it is asked with --help', async () => {
    const { out } = await run(['help', 'push']);
    expect(out).toContain('--label NAME=VALUE');
    expect((await run(['push', '--help'])).out).toBe(out);
  });

  it('an unknown command is told which there are', async () => {
    expect(await run(['pusch'])).toMatchObject({
      code: 2,
      err: 'skald: there is no command pusch; there are push, query, explain, labels, series, inspect, cluster and help\n',
    });
    expect((await run(['help', 'pusch'])).code).toBe(2);
  });
});
