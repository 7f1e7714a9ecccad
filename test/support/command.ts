/** The built command, run as people do. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { SKALD } from './server.js';

export interface CommandOutcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface CommandOptions {
  readonly stdin?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Runs `skald ARGUMENTS` to its end. */
export async function skald(args: readonly string[], options: CommandOptions = {}): Promise<CommandOutcome> {
  const child = spawn(process.execPath, [SKALD, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, TZ: 'UTC', ...options.environment },
  });
  // A command that does not read its input may end before it is written.
  child.stdin.on('error', () => {});
  child.stdin.end(options.stdin ?? '');
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code: code as number, out, err };
}
