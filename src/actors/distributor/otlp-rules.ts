import { compileMatch } from '../../execution/matchers.js';
import type { OtlpAction, OtlpAttributeRule, OtlpConfig } from '../../wire/limits.js';

/** Resource attributes that become stream labels, as in Loki. */
export const DEFAULT_INDEX_ATTRIBUTES: readonly string[] = [
  'service.name',
  'service.namespace',
  'service.instance.id',
  'deployment.environment',
  'deployment.environment.name',
  'cloud.region',
  'cloud.availability_zone',
  'k8s.cluster.name',
  'k8s.namespace.name',
  'k8s.pod.name',
  'k8s.container.name',
  'container.name',
  'k8s.replicaset.name',
  'k8s.deployment.name',
  'k8s.statefulset.name',
  'k8s.daemonset.name',
  'k8s.cronjob.name',
  'k8s.job.name',
];

/** Decisions remembered by name; with more names than that they are made anew. */
const REMEMBERED = 4096;

type Decide = (name: string) => OtlpAction;

/** What becomes of attributes; the first rule that knows a name decides, and without one it is structured metadata. */
export class OtlpRules {
  readonly resource: Decide;
  /** Undefined where everything is structured metadata. */
  readonly scope: Decide | undefined;
  readonly log: Decide | undefined;
  readonly severityTextAsLabel: boolean;
  /** Whether records may have labels that their resource does not have. */
  readonly recordsHaveLabels: boolean;

  constructor({ resource_attributes, scope_attributes, log_attributes, severity_text_as_label }: OtlpConfig) {
    const { ignore_defaults, attributes_config } = resource_attributes;
    const defaults: OtlpAttributeRule = { action: 'index_label', attributes: DEFAULT_INDEX_ATTRIBUTES, regex: '' };
    this.resource = decider(ignore_defaults ? attributes_config : [defaults, ...attributes_config]);
    this.scope = scope_attributes.length === 0 ? undefined : decider(scope_attributes);
    this.log = log_attributes.length === 0 ? undefined : decider(log_attributes);
    this.severityTextAsLabel = severity_text_as_label;
    this.recordsHaveLabels = severity_text_as_label || log_attributes.some(({ action }) => action === 'index_label');
  }
}

function decider(rules: readonly OtlpAttributeRule[]): Decide {
  const tests = rules.map(({ action, attributes, regex }) => {
    const names = new Set(attributes);
    const matches = regex === '' ? () => false : compileMatch('=~', regex);
    return { action, knows: (name: string) => names.has(name) || matches(name) };
  });
  const remembered = new Map<string, OtlpAction>();
  return (name) => {
    const known = remembered.get(name);
    if (known !== undefined) return known;
    const action = tests.find(({ knows }) => knows(name))?.action ?? 'structured_metadata';
    if (remembered.size >= REMEMBERED) remembered.clear();
    remembered.set(name, action);
    return action;
  };
}
