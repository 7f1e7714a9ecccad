/** What a local cluster is made of. */
import { join } from 'node:path';

export interface PlannedProcess {
  readonly name: string;
  readonly roles: string;
  readonly port: number;
  /** Arguments of `skald`. */
  readonly args: readonly string[];
}

export interface ClusterPlan {
  readonly data: string;
  /** Of the first process; the others follow. */
  readonly port: number;
  /** Addresses of NATS. */
  readonly nats: string;
  /** Threads of each process that has any. */
  readonly threads: number;
  /** Values of `--set` for all. */
  readonly assignments: readonly string[];
}

export const HOST = '127.0.0.1';

/** In the order in which they are stopped: first nobody asks any more, and what others need ends last. */
const GROUPS = [
  { name: 'distributor', roles: 'distributor', count: 2 },
  { name: 'querier', roles: 'querier,scheduler,patterns', count: 2 },
  { name: 'worker', roles: 'worker', count: 3 },
  { name: 'ingester', roles: 'ingester', count: 3 },
] as const;

/** Processes in groups; a group is stopped when the one before it has ended. */
export function plannedGroups(plan: ClusterPlan): readonly (readonly PlannedProcess[])[] {
  let port = plan.port;
  return GROUPS.map(({ name, roles, count }) =>
    Array.from({ length: count }, (_, i) => planned(plan, `${name}-${i + 1}`, roles, port++)),
  );
}

/** How many ports in a row a cluster takes. */
export const PORTS = GROUPS.reduce((sum, { count }) => sum + count, 0);

function planned(plan: ClusterPlan, name: string, roles: string, port: number): PlannedProcess {
  const settings = [
    `cluster.instance_name=${name}`,
    `query_engine.worker_threads=${plan.threads}`,
    'log.format=json',
    // Ten processes at once would have little else to do for a while.
    'query_engine.rehearsal=false',
    ...plan.assignments,
  ];
  return {
    name,
    roles,
    port,
    args: [
      ...[`--role=${roles}`, '--nats', plan.nats, '--bucket', join(plan.data, 'bucket')],
      ...['--host', HOST, '--port', String(port), '--data', join(plan.data, name)],
      ...settings.flatMap((each) => ['--set', each]),
    ],
  };
}
