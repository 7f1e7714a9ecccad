import { z } from 'zod';
import { compileStringMatcher } from '../execution/regex/compile.js';
import { DEFAULT_LIMITS, type OtlpConfig } from '../wire/limits.js';
import { type Setting, setting } from './config-values.js';

/** A rule names attributes or has an expression, one of them. */
const rule = z
  .strictObject({
    action: z.enum(['index_label', 'structured_metadata', 'drop']).default('structured_metadata'),
    attributes: z.array(z.string()).default([]),
    regex: z.string().default('').refine(isRegex),
  })
  .refine(({ attributes, regex }) => attributes.length > 0 !== (regex !== ''));

/** Attributes of scopes cannot be labels. */
const scopeRule = rule.refine(({ action }) => action !== 'index_label');

const config = z.strictObject({
  resource_attributes: z
    .strictObject({ ignore_defaults: z.boolean().default(false), attributes_config: z.array(rule).default([]) })
    .default(DEFAULT_LIMITS.otlp_config.resource_attributes as never),
  scope_attributes: z.array(scopeRule).default([]),
  log_attributes: z.array(rule).default([]),
  severity_text_as_label: z.boolean().default(false),
});

/** Which OpenTelemetry attributes become labels, and which are not kept. */
export function otlpConfig(): Setting<OtlpConfig> {
  const allowed = `rules such as {resource_attributes: {attributes_config: [{action: index_label, attributes: [team]}]}}`;
  return setting<OtlpConfig>(DEFAULT_LIMITS.otlp_config, allowed, config);
}

function isRegex(pattern: string): boolean {
  if (pattern === '') return true;
  try {
    compileStringMatcher(pattern, { mode: 'search' });
    return true;
  } catch {
    return false;
  }
}
