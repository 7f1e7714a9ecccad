import { z } from 'zod';
import { HOST, type PlannedProcess } from './plan.js';
import { activeByRole, type ClusterSample, type MemberJson, type ProcessTotals, totalsOf } from './status.js';

const TIMEOUT_MS = 2_000;

const memberlist = z.object({
  members: z.array(z.object({ status: z.string(), state: z.string(), roles: z.array(z.string()) })),
});

/** Asks every process; those that do not answer are left out. */
export async function sampleCluster(processes: readonly PlannedProcess[]): Promise<ClusterSample> {
  const byProcess = new Map<string, ProcessTotals>();
  const [members] = await Promise.all([
    firstMembers(processes),
    ...processes.map(async ({ name, port }) => {
      const metrics = await textOf(port, '/metrics');
      if (metrics !== undefined) byProcess.set(name, totalsOf(metrics));
    }),
  ]);
  return { atMs: performance.now(), byProcess, members: members && activeByRole(members) };
}

/** Whether all that is said to be needed for its work is there. */
export async function isReady({ port }: PlannedProcess): Promise<boolean> {
  return (await textOf(port, '/ready')) !== undefined;
}

async function firstMembers(processes: readonly PlannedProcess[]): Promise<readonly MemberJson[] | undefined> {
  for (const { port } of processes) {
    const text = await textOf(port, '/memberlist');
    if (text?.startsWith('{')) return memberlist.parse(JSON.parse(text)).members;
  }
  return undefined;
}

async function textOf(port: number, path: string): Promise<string | undefined> {
  try {
    const headers = { accept: 'application/json, text/plain' };
    const answer = await fetch(`http://${HOST}:${port}${path}`, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
    const text = await answer.text();
    return answer.ok ? text : undefined;
  } catch {
    return undefined;
  }
}
