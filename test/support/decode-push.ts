import { type DecodedPush, decodePush, PushMemory } from '../../src/actors/distributor/decode-push.js';
import { DEFAULT_LIMITS, type TenantLimits } from '../../src/wire/limits.js';
import { rowsOf, type SampleStream, snappyPush } from './push.js';

/** When all pushes arrive: 2026-11-01T00:00:00Z. */
export const NOW = 1_793_491_200_000_000_000n;

export const memory = new PushMemory(1 << 26);

export const limitsOf = (changed: Partial<TenantLimits>): TenantLimits => ({ ...DEFAULT_LIMITS, ...changed });

export function decode(
  body: Uint8Array | string,
  contentType: string,
  changed: Partial<TenantLimits> = {},
): DecodedPush {
  const request = { tenant: 'acme', contentType, body: Buffer.from(body), format: 'loki' as const };
  return decodePush(request, limitsOf(changed), NOW, memory);
}

export function json(body: unknown, changed: Partial<TenantLimits> = {}): DecodedPush {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return decode(text, 'application/json; charset=utf-8', changed);
}

export function proto(streams: readonly SampleStream[], changed: Partial<TenantLimits> = {}): DecodedPush {
  return decode(snappyPush(streams), 'application/x-protobuf', changed);
}

/** A line, or a line with its metadata. */
export type Line = string | [line: string, metadata: [string, string][]];

/** A push of one stream with an entry for each line, all of them now. */
export function push(lines: readonly Line[], changed: Partial<TenantLimits> = {}, labels = '{app="x"}'): DecodedPush {
  const entries = lines.map((line) => {
    const [text, metadata] = typeof line === 'string' ? [line, []] : line;
    return { time: NOW, line: text, metadata };
  });
  return proto([{ labels, entries }], changed);
}

export function metadataOf({ batch }: DecodedPush): Record<string, string>[] {
  return batch ? rowsOf(batch).map(({ metadata }) => metadata) : [];
}

export function linesOf({ batch }: DecodedPush): string[] {
  return batch ? rowsOf(batch).map(({ line }) => line) : [];
}
