/** Kubernetes manifests as plain data, with what can be said against them without a cluster. */
import { readdirSync, readFileSync } from 'node:fs';
import { Deployment, StatefulSet } from 'kubernetes-models/apps/v1';
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import { Namespace, Service } from 'kubernetes-models/v1';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';

interface Model {
  readonly prototype: { validate(this: unknown): void };
}

/** Schemas of Kubernetes' own API description, one for each kind in use. */
const MODELS: Readonly<Record<string, Model>> = {
  'v1/Namespace': Namespace,
  'v1/Service': Service,
  'apps/v1/Deployment': Deployment,
  'apps/v1/StatefulSet': StatefulSet,
  'autoscaling/v2/HorizontalPodAutoscaler': HorizontalPodAutoscaler,
  'policy/v1/PodDisruptionBudget': PodDisruptionBudget,
};

export interface Manifest {
  readonly file: string;
  readonly data: { readonly apiVersion: string; readonly kind: string };
}

/** Every document of the folder's files, in order of names. Throws when a file is no YAML. */
export function readManifests(folder: URL, files = yamlFiles(folder)): Manifest[] {
  return files.flatMap((file) =>
    parseAllDocuments(readFileSync(new URL(file, folder), 'utf8')).map((document) => {
      if ('errors' in document && document.errors.length > 0) throw document.errors[0];
      return { file, data: document.toJS() as Manifest['data'] };
    }),
  );
}

export function yamlFiles(folder: URL): string[] {
  return readdirSync(folder).filter((name) => name.endsWith('.yaml'));
}

/** What the schema of its kind has against a document; keys that the schema does not know count. */
export function faultsOf({ data }: Manifest): string[] {
  const Kind = MODELS[`${data.apiVersion}/${data.kind}`];
  if (!Kind) return [`no schema is at hand for ${data.apiVersion}/${data.kind}`];
  const seen = new Map<object, Set<string>>();
  try {
    // Its constructor would copy the data, and so read every key.
    Kind.prototype.validate.call(watched(data, seen));
  } catch (error) {
    return [(error as Error).message];
  }
  return unread(data, seen, data.kind);
}

/**
 * The validators pass over what they do not know, which is where a misspelt key hides. They do read every key they know,
 * so a key that nobody has read is none of the schema's.
 */
function watched(value: unknown, seen: Map<object, Set<string>>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const keys = seen.get(value) ?? new Set();
  seen.set(value, keys);
  return new Proxy(value, {
    get(target, key, receiver) {
      if (typeof key === 'string') keys.add(key);
      return watched(Reflect.get(target, key, receiver), seen);
    },
  });
}

function unread(value: unknown, seen: ReadonlyMap<object, Set<string>>, path: string): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const name = `${path}.${key}`;
    return seen.get(value)?.has(key) ? unread(inner, seen, name) : [`${name} is not in the schema`];
  });
}

const labels = z.record(z.string(), z.string());
const metadata = z.object({ name: z.string(), labels: labels.default({}) });
const selector = z.object({ matchLabels: labels });
const probe = z.object({ httpGet: z.object({ path: z.string(), port: z.string() }) });
const quantities = z.object({ cpu: z.string().optional(), memory: z.string() });

const container = z.object({
  name: z.string(),
  image: z.string(),
  args: z.array(z.string()),
  env: z.array(
    z.object({
      name: z.string(),
      value: z.string().optional(),
      valueFrom: z
        .object({
          fieldRef: z.object({ fieldPath: z.string() }).optional(),
          secretKeyRef: z.object({ name: z.string(), key: z.string() }).optional(),
        })
        .optional(),
    }),
  ),
  ports: z.array(z.object({ name: z.string(), containerPort: z.number() })),
  startupProbe: probe,
  livenessProbe: probe,
  readinessProbe: probe,
  lifecycle: z.object({
    preStop: z.object({ exec: z.object({ command: z.tuple([z.literal('sleep'), z.string()]) }) }),
  }),
  resources: z.object({ requests: quantities, limits: quantities }),
  securityContext: z.object({
    allowPrivilegeEscalation: z.literal(false),
    readOnlyRootFilesystem: z.literal(true),
    capabilities: z.object({ drop: z.tuple([z.literal('ALL')]) }),
  }),
  volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string() })),
});
export type Container = z.infer<typeof container>;

const podTemplate = z.object({
  metadata: z.object({ labels }),
  spec: z.object({
    automountServiceAccountToken: z.literal(false),
    enableServiceLinks: z.literal(false),
    terminationGracePeriodSeconds: z.number(),
    securityContext: z.object({ runAsNonRoot: z.literal(true), runAsUser: z.number().positive() }),
    topologySpreadConstraints: z.array(z.object({ topologyKey: z.string(), labelSelector: selector })),
    affinity: z.object({
      podAntiAffinity: z.object({
        requiredDuringSchedulingIgnoredDuringExecution: z.array(z.object({ labelSelector: selector })).optional(),
        preferredDuringSchedulingIgnoredDuringExecution: z
          .array(z.object({ podAffinityTerm: z.object({ labelSelector: selector }) }))
          .optional(),
      }),
    }),
    containers: z.tuple([container]),
    volumes: z.array(z.object({ name: z.string(), configMap: z.object({ name: z.string() }) })),
  }),
});

const workload = {
  apiVersion: z.literal('apps/v1'),
  metadata,
};
const workloadSpec = { selector, template: podTemplate, replicas: z.number().optional() };

/** The parts of manifests by which they refer to each other, and what every pod must have. */
export const resource = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('Deployment'), ...workload, spec: z.object(workloadSpec) }),
  z.object({
    kind: z.literal('StatefulSet'),
    ...workload,
    spec: z.object({
      ...workloadSpec,
      serviceName: z.string(),
      volumeClaimTemplates: z.array(z.object({ metadata })),
    }),
  }),
  z.object({
    kind: z.literal('Service'),
    metadata,
    spec: z.object({
      selector: labels,
      clusterIP: z.string().optional(),
      ports: z.array(z.object({ name: z.string(), port: z.number(), targetPort: z.string() })),
    }),
  }),
  z.object({
    kind: z.literal('PodDisruptionBudget'),
    metadata,
    spec: z.object({ selector, maxUnavailable: z.literal(1) }),
  }),
  z.object({
    kind: z.literal('HorizontalPodAutoscaler'),
    metadata,
    spec: z.object({
      scaleTargetRef: z.object({ apiVersion: z.string(), kind: z.string(), name: z.string() }),
      minReplicas: z.number(),
      maxReplicas: z.number(),
    }),
  }),
  z.object({ kind: z.literal('Namespace'), metadata }),
]);
export type Resource = z.infer<typeof resource>;
export type Workload = Extract<Resource, { kind: 'Deployment' | 'StatefulSet' }>;

export const kustomization = z.strictObject({
  apiVersion: z.literal('kustomize.config.k8s.io/v1beta1'),
  kind: z.literal('Kustomization'),
  namespace: z.string(),
  labels: z.array(z.strictObject({ pairs: labels })),
  resources: z.array(z.string()),
  configMapGenerator: z.array(z.strictObject({ name: z.string(), files: z.array(z.string()) })),
  images: z.array(z.strictObject({ name: z.string(), newName: z.string(), newTag: z.string() })),
});
