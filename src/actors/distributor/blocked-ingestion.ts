import { type Fault, fault } from '../../wire/fault.js';
import type { TenantLimits } from '../../wire/limits.js';
import { formatRfc3339Nano } from '../../wire/time.js';
import type { DecodedPush } from './decode-push.js';

/** What is left of a push while a tenant's pushes are refused: nothing, and a word to the client unless the status is 200. */
export function blockPush(decoded: DecodedPush, tenant: string, limits: TenantLimits, nowNs: bigint): DecodedPush {
  const { block_ingestion_until: until, block_ingestion_status_code: status } = limits;
  if (until === undefined || nowNs >= until || decoded.batch === null) return decoded;
  const { discarded, acceptedLines: lines, acceptedBytes: bytes } = decoded;
  return {
    ...decoded,
    batch: null,
    tokens: [],
    rejected: status === 200 ? null : refusal(tenant, until, status),
    discarded: [...discarded, { reason: 'blocked_ingestion', lines, bytes }],
    acceptedLines: 0,
    acceptedBytes: 0,
  };
}

/** Not to be tried again: 260 is no error to clients that look for 4xx and 5xx, which is why Loki has it. */
function refusal(tenant: string, until: bigint, status: number): Fault {
  const message = `ingestion blocked for user '${tenant}' until '${formatRfc3339Nano(until)}' with status code '${status}'`;
  return { ...fault('bad-request', message), status };
}
