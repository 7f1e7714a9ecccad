import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ROUTES } from '../../src/api/routes.js';
import { loadConfig } from '../../src/cli/config.js';
import {
  type Container,
  faultsOf,
  kustomization,
  type Manifest,
  readManifests,
  resource,
  type Workload,
  yamlFiles,
} from '../support/manifests.js';

const FOLDER = new URL('../../deploy/kubernetes/', import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, FOLDER), 'utf8');

const build = kustomization.parse(parse(read('kustomization.yaml')));
const manifests = readManifests(FOLDER, build.resources);
const resources = manifests.map(({ data }) => resource.parse(data));
const of = <K extends (typeof resources)[number]['kind']>(kind: K) =>
  resources.filter((one): one is Extract<(typeof resources)[number], { kind: K }> => one.kind === kind);
const workloads: Workload[] = [...of('StatefulSet'), ...of('Deployment')];
const settings = (container: Container) => {
  const environment = Object.fromEntries(container.env.map(({ name, value }) => [name, value ?? 'from-elsewhere']));
  const file = { name: 'cluster.yaml', text: read('cluster.yaml') };
  return loadConfig({ file, environment, assignments: [], flags: {} });
};
const selects = (labels: Readonly<Record<string, string>>, { spec }: Workload): boolean =>
  Object.entries(labels).every(([name, value]) => spec.template.metadata.labels[name] === value);

describe('kustomization.yaml', () => {
  it('names every file of the folder', () => {
    const named = [...build.resources, ...build.configMapGenerator.flatMap(({ files }) => files), 'kustomization.yaml'];
    expect(named.toSorted()).toEqual(yamlFiles(FOLDER).toSorted());
  });

  it('puts all into a namespace that it makes', () => {
    expect(of('Namespace').map(({ metadata }) => metadata.name)).toEqual([build.namespace]);
  });

  it('says where each image comes from', () => {
    const images = workloads.flatMap(({ spec }) => spec.template.spec.containers.map(({ image }) => image));
    expect(new Set(images)).toEqual(new Set(build.images.map(({ name }) => name)));
  });
});

describe('documents', () => {
  it.each(manifests.map((manifest): [string, Manifest] => [nameOf(manifest), manifest]))(
    '%s has what its kind asks for and nothing it does not know',
    (_name, manifest) => {
      expect(faultsOf(manifest)).toEqual([]);
    },
  );

  it('that lack a field, have one of the wrong type or one that is misspelt are found out', () => {
    const service = (spec: object): Manifest => ({
      file: '',
      data: { apiVersion: 'v1', kind: 'Service', ...{ metadata: { name: 'x' }, spec } },
    });
    expect(faultsOf(service({ ports: [{ port: 1 }] }))).toEqual([]);
    expect(faultsOf(service({ ports: [{}] }))).toEqual([expect.stringContaining('port')]);
    expect(faultsOf(service({ ports: [{ port: 'http' }] }))).toEqual([expect.stringContaining('port')]);
    expect(faultsOf(service({ ports: [{ port: 1, targetprot: 2 }] }))).toEqual([
      'Service.spec.ports.0.targetprot is not in the schema',
    ]);
  });

  it('have names of their own', () => {
    const names = resources.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('references', () => {
  it.each(workloads.map((one): [string, Workload] => [one.metadata.name, one]))('%s holds together', (_name, one) => {
    const { template, selector } = one.spec;
    const { containers, volumes, topologySpreadConstraints, affinity } = template.spec;
    const [container] = containers;
    const spread = topologySpreadConstraints.map(({ labelSelector }) => labelSelector);
    const apart = [
      ...(affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution ?? []),
      ...(affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(
        ({ podAffinityTerm }) => podAffinityTerm,
      ),
    ].map(({ labelSelector }) => labelSelector);
    expect([...spread, ...apart].length).toBeGreaterThan(1);
    for (const { matchLabels } of [selector, ...spread, ...apart]) {
      expect(workloads.filter((other) => selects(matchLabels, other))).toEqual([one]);
    }
    const claims = one.kind === 'StatefulSet' ? one.spec.volumeClaimTemplates : [];
    const names = [...volumes.map(({ name }) => name), ...claims.map(({ metadata }) => metadata.name)];
    expect(container.volumeMounts.map(({ name }) => name)).toEqual(names);
    const made = build.configMapGenerator.map(({ name }) => name);
    expect(made).toEqual(expect.arrayContaining(volumes.map(({ configMap }) => configMap.name)));
    const ports = container.ports.map(({ name }) => name);
    for (const { httpGet } of [container.startupProbe, container.livenessProbe, container.readinessProbe]) {
      expect(ports).toContain(httpGet.port);
      expect(ROUTES.map(({ path }) => path)).toContain(httpGet.path);
    }
  });

  it('of services lead to one workload and a port that it has', () => {
    expect(of('Service').length).toBe(3);
    for (const { spec } of of('Service')) {
      const found = workloads.filter((one) => selects(spec.selector, one));
      expect(found).toHaveLength(1);
      const ports = found[0]!.spec.template.spec.containers[0].ports.map(({ name }) => name);
      expect(ports).toEqual(expect.arrayContaining(spec.ports.map(({ targetPort }) => targetPort)));
    }
  });

  it('of the stateful set lead to a service without an address', () => {
    const [ingester] = of('StatefulSet');
    const service = of('Service').find(({ metadata }) => metadata.name === ingester?.spec.serviceName);
    expect(service?.spec.clusterIP).toBe('None');
  });

  it('of disruption budgets lead to every workload once', () => {
    const found = of('PodDisruptionBudget').flatMap(({ spec }) =>
      workloads.filter((one) => selects(spec.selector.matchLabels, one)),
    );
    expect(new Set(found)).toEqual(new Set(workloads));
    expect(found).toHaveLength(workloads.length);
  });

  it('of autoscalers lead to deployments that do not say how many they are', () => {
    const scaled = of('HorizontalPodAutoscaler').map(({ spec }) => spec.scaleTargetRef.name);
    const open = of('Deployment').filter(({ spec }) => spec.replicas === undefined);
    expect(scaled.toSorted()).toEqual(open.map(({ metadata }) => metadata.name).toSorted());
    for (const { spec } of of('HorizontalPodAutoscaler')) expect(spec.minReplicas).toBeLessThan(spec.maxReplicas);
  });

  it('of secrets are told to whoever installs', () => {
    const page = readFileSync(new URL('../../docs/deploy.md', import.meta.url), 'utf8');
    const keys = workloads.flatMap(({ spec }) =>
      spec.template.spec.containers[0].env.flatMap(({ valueFrom }) => valueFrom?.secretKeyRef ?? []),
    );
    expect(keys.length).toBeGreaterThan(0);
    for (const { name, key } of keys) {
      expect(page).toContain(`create secret generic ${name} `);
      expect(page).toContain(`--from-literal=${key}=`);
    }
  });
});

describe('settings', () => {
  it.each(workloads.map((one): [string, Container] => [one.metadata.name, one.spec.template.spec.containers[0]]))(
    'of %s exist and are allowed',
    (_name, container) => {
      const { warnings, settings: written } = settings(container);
      expect(warnings).toEqual([]);
      expect(written.nats.servers).toMatch(/^nats:/);
      expect(written.storage.bucket).toMatch(/^s3:/);
      expect(written.cluster.zone).toBe('from-elsewhere');
      expect(container.ports.map(({ containerPort }) => containerPort)).toEqual([written.server.http_listen_port]);
      const [flag, path] = container.args;
      expect(flag).toBe('--config');
      const mounted = container.volumeMounts.map(({ mountPath }) => `${mountPath}/cluster.yaml`);
      expect(mounted).toContain(path);
    },
  );

  it('keep the log of ingesters on their volume', () => {
    const [ingester] = of('StatefulSet');
    const [container] = ingester!.spec.template.spec.containers;
    const mounted = container.volumeMounts.map(({ mountPath }) => mountPath);
    expect(mounted).toContain(settings(container).settings.storage.directory);
  });

  it('give every component a process', () => {
    const roles = workloads.flatMap(({ spec }) => settings(spec.template.spec.containers[0]).settings.roles);
    expect(roles.toSorted()).toEqual(['distributor', 'ingester', 'patterns', 'querier', 'scheduler', 'worker']);
  });

  it('let pods finish their requests and flush their memory before they are killed', () => {
    for (const { spec } of workloads) {
      const { containers, terminationGracePeriodSeconds } = spec.template.spec;
      const pauseMs = Number(containers[0].lifecycle.preStop.exec.command[1]) * 1000;
      const graceMs = settings(containers[0]).settings.server.graceful_shutdown_timeout;
      expect(terminationGracePeriodSeconds * 1000).toBeGreaterThan(pauseMs + 2 * graceMs + 10_000);
    }
  });

  it('start as many ingesters as an entry has copies, at least', () => {
    const [ingester] = of('StatefulSet');
    const { replication_factor: copies } = settings(ingester!.spec.template.spec.containers[0]).settings.cluster;
    expect(ingester!.spec.replicas).toBeGreaterThanOrEqual(copies);
  });
});

function nameOf({ file, data }: Manifest): string {
  return `${file}: ${data.kind} ${resource.parse(data).metadata.name}`;
}
