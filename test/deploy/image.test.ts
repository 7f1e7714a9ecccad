import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/cli/config.js';

const ROOT = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');

interface Instruction {
  readonly name: string;
  readonly rest: string;
}

/** Instructions of each stage, with continued lines joined. */
function stagesOf(text: string): Instruction[][] {
  const lines = text
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const stages: Instruction[][] = [];
  for (const line of lines) {
    const [name = '', ...rest] = line.split(' ');
    if (name === 'FROM') stages.push([]);
    stages.at(-1)?.push({ name, rest: rest.join(' ') });
  }
  return stages;
}

const stages = stagesOf(read('deploy/Dockerfile'));
const final = stages.at(-1) ?? [];
const values = (name: string): string[] => final.filter((one) => one.name === name).map(({ rest }) => rest);

describe('deploy/Dockerfile', () => {
  it('copies what exists, lets through what it copies, and takes the rest from earlier stages', () => {
    const ignore = read('deploy/Dockerfile.dockerignore').split('\n');
    const names = stages.map(([from]) => from?.rest.split(' AS ')[1]);
    const copied = stages.flat().filter(({ name }) => name === 'COPY');
    expect(copied.length).toBeGreaterThan(5);
    for (const { rest } of copied) {
      const words = rest.split(' ');
      const from = words[0]?.match(/^--from=(.*)$/)?.[1];
      if (from !== undefined) expect(names).toContain(from);
      else
        for (const path of words.slice(0, -1)) {
          expect(existsSync(new URL(path, ROOT)), path).toBe(true);
          expect(ignore).toContain(`!${path.replace('./', '')}`);
        }
    }
  });

  it('uses a version of Node that Skald runs on, the same in all stages', () => {
    const images = new Set(stages.map(([from]) => from?.rest.split(' ')[0]));
    expect([...images]).toEqual(['node:22-slim']);
  });

  it('has no packages for development in the image', () => {
    expect(values('RUN').join()).not.toContain('npm');
    const dependencies = stages.find(([from]) => from?.rest.endsWith(' AS dependencies'));
    expect(dependencies?.find(({ name }) => name === 'RUN')?.rest).toContain('npm ci --omit=dev');
    expect(values('COPY')).toContain('--from=dependencies /skald/node_modules ./node_modules');
  });

  it('does not run as root, and starts what package.json calls skald', () => {
    expect(values('USER')).toEqual(['1000:1000']);
    const { bin } = JSON.parse(read('package.json')) as { bin: { skald: string } };
    expect(JSON.parse(values('ENTRYPOINT')[0] ?? '')).toEqual(['node', '--single-threaded-gc', bin.skald]);
  });

  it('gives Node the flags and variables that npm start and the command give it', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const [, variable] = /(\w+=\d+) node --single-threaded-gc dist/.exec(scripts.start ?? '') ?? [];
    expect(values('ENV').join(' ').split(/\s+/)).toContain(variable);
    expect(scripts.cluster).toContain(`${variable} node --single-threaded-gc dist`);
    const [name, value] = String(variable).split('=');
    expect(read('bench/server.mjs')).toContain(`{ ${name}: '${value}' }`);
    expect(read('src/cli/index.ts')).toMatch(`#!/usr/bin/env -S ${variable} node --single-threaded-gc\n`);
  });

  it('sets settings that exist, and opens the port that is listened on', () => {
    const environment = Object.fromEntries(
      values('ENV').flatMap((rest) => rest.split(/\s+/).map((one) => one.split('='))),
    );
    const { settings, warnings } = loadConfig({ environment, assignments: [], flags: {} });
    expect(warnings).toEqual([]);
    expect(settings.server.http_listen_address).toBe('0.0.0.0');
    expect(values('EXPOSE')).toEqual([String(settings.server.http_listen_port)]);
    expect(values('RUN').join()).toContain(settings.storage.directory);
  });
});
