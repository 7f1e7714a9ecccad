import { compileMatchers } from '../../execution/matchers.js';
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

/** What becomes of attributes; the first rule that knows a name decides, and without one it is structured metadata. */
export class OtlpRules {
  readonly resource: (name: string) => OtlpAction;
  /** Undefined where everything is structured metadata. */
  readonly scope: ((name: string) => OtlpAction) | undefined;
  readonly log: ((name: string) => OtlpAction) | undefined;
  readonly severityTextAsLabel: boolean;

  constructor({ resource_attributes, scope_attributes, log_attributes, severity_text_as_label }: OtlpConfig) {
    const { ignore_defaults, attributes_config } = resource_attributes;
    const defaults: OtlpAttributeRule = { action: 'index_label', attributes: DEFAULT_INDEX_ATTRIBUTES, regex: '' };
    this.resource = decider(ignore_defaults ? attributes_config : [defaults, ...attributes_config]);
    this.scope = scope_attributes.length === 0 ? undefined : decider(scope_attributes);
    this.log = log_attributes.length === 0 ? undefined : decider(log_attributes);
    this.severityTextAsLabel = severity_text_as_label;
  }
}

function decider(rules: readonly OtlpAttributeRule[]): (name: string) => OtlpAction {
  const byName = new Map<string, OtlpAction>();
  for (const { action, attributes } of rules) {
    for (const name of attributes) if (!byName.has(name)) byName.set(name, action);
  }
  const patterns = rules
    .filter(({ regex }) => regex !== '')
    .map(({ action, regex }) => ({ action, matcher: compileMatchers([{ name: '', op: '=~', value: regex }])[0]! }));
  return (name) =>
    byName.get(name) ?? patterns.find(({ matcher }) => matcher.matches(name))?.action ?? 'structured_metadata';
}
