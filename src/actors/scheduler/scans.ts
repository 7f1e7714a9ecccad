import { settle } from './ending.js';
import { cannotContribute, certainTime, expectedTime, type RunningScan } from './enough.js';
import { execute, freeSlots, idlestWorker } from './executions.js';
import { announceSkipped, workerFor } from './retry.js';
import type { TaskEntry, Turn, WorkflowEntry } from './state.js';

/** Gives scans to free slots while there are both. */
export function assignScans(turn: Turn): void {
  const { state } = turn;
  for (;;) {
    const idlest = idlestWorker(state);
    if (!idlest || freeSlots(idlest) <= 0) return;
    const workflow = nextWorkflow(turn);
    if (!workflow) return;
    const task = workflow.scans.shift()!;
    const certain = workflow.enough && certainTime(workflow.emitted, workflow.enough);
    if (certain !== undefined && skippable(task, certain)) {
      skip(turn, task);
      continue;
    }
    const preferred = workerFor(turn, task, task.manifest.affinity)!;
    workflow.firstScanAt ??= turn.now;
    state.tenants.get(workflow.tenant)!.servedBytes += task.manifest.cost;
    execute(turn, task, freeSlots(preferred) > 0 ? preferred : idlest, certain);
  }
}

/** Of the workflows with a scan to run, that of the tenant served least; the oldest of a tenant first. */
function nextWorkflow(turn: Turn): WorkflowEntry | undefined {
  const { state, settings } = turn;
  let best: WorkflowEntry | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const workflow of state.workflows.values()) {
    if (!workflow.admitted || workflow.ending || workflow.scans.length === 0) continue;
    if (settings.maxRunningScanTasks > 0 && workflow.runningScans >= settings.maxRunningScanTasks) continue;
    const { servedBytes } = state.tenants.get(workflow.tenant)!;
    if (servedBytes >= least || waitsForRunning(turn, workflow)) continue;
    best = workflow;
    least = servedBytes;
  }
  return best;
}

/** Scans that are taken to make the next one needless have so much time for it. */
const WAITED_MS_MAX = 100;

/** Whether the scans that run are likely to find enough, so that what comes after them need not begin. */
function waitsForRunning({ state, now }: Turn, workflow: WorkflowEntry): boolean {
  const { enough, emitted, scannedCost, scans } = workflow;
  const next = scans[0]?.manifest.maxTimeRange;
  if (!enough || !next || workflow.runningScans === 0) return false;
  const running: RunningScan[] = [];
  for (const { executions } of state.workers.values()) {
    for (const { task, startedAt, cancelled } of executions.values()) {
      const { maxTimeRange, cost, ahead } = task.manifest;
      if (task.workflow.id !== workflow.id || cancelled || !maxTimeRange) continue;
      if (now - startedAt > WAITED_MS_MAX) return false;
      if (ahead) return true;
      running.push({ cost, range: maxTimeRange });
    }
  }
  const rows = emitted.reduce((sum, scan) => sum + scan.rows, 0);
  if (rows === 0 || rows >= enough.rows) return false; // then it is certain what the next one can bring
  const expected = expectedTime({ rows, cost: scannedCost }, running, enough);
  return expected !== undefined && cannotContribute(next, expected, enough.ascending);
}

/** What has begun before may have sent frames that are in use. */
function skippable({ manifest, attempts, workflow: { enough } }: TaskEntry, certain: bigint): boolean {
  return (
    enough !== undefined &&
    attempts === 0 &&
    manifest.maxTimeRange !== undefined &&
    cannotContribute(manifest.maxTimeRange, certain, enough.ascending)
  );
}

function skip(turn: Turn, task: TaskEntry): void {
  turn.state.counters.skipped++;
  announceSkipped(turn, task);
  settle(turn, task, 'skipped');
}

/**
 * Runs scans a second time that take much longer than those of their query that have finished, where slots are idle: a
 * worker may be slow without being lost. The receiver takes the attempt that sends first (backup tasks, Dean and
 * Ghemawat, MapReduce, 2004).
 */
export function repeatSlowScans(turn: Turn): void {
  const { slowScanFactor, slowScanMinMs } = turn.settings;
  if (slowScanFactor === 0) return;
  for (const workflow of turn.state.workflows.values()) {
    if (workflow.ending || workflow.scans.length > 0 || workflow.scanMs.length === 0) continue;
    let limitMs: number | undefined;
    for (const task of workflow.tasks) {
      const [running, second] = task.executions;
      if (!task.manifest.scan || !running || second || task.attempts > task.losses + 1) continue;
      limitMs ??= Math.max(slowScanMinMs, slowScanFactor * median(workflow.scanMs));
      if (turn.now - running.startedAt <= limitMs) continue;
      const worker = idlestWorker(turn.state, new Set([...(task.avoid ?? []), running.worker.address]));
      if (!worker || freeSlots(worker) <= 0) continue;
      turn.state.counters.repeated++;
      execute(turn, task, worker);
    }
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
