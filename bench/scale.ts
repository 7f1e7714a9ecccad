/**
 * npx tsx bench/scale.ts [--members N]: what a cluster costs that is larger than a machine. Members that come together in
 * simulated time, shares of the ring, tasks through one scheduler, and messages between processes over NATS.
 */
import { spawn, spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { connect } from '@nats-io/transport-node';
import { ReplicaRing } from '../src/actors/ring/replicas.js';
import { NodeClock } from '../src/actors/runtime/clock-node.js';
import type { Router } from '../src/actors/runtime/router.js';
import { LocalRouter } from '../src/actors/runtime/router-local.js';
import { NatsRouter } from '../src/actors/runtime/router-nats.js';
import { newScheduler, type SchedulerEvent } from '../src/actors/scheduler/state.js';
import { stepScheduler } from '../src/actors/scheduler/step.js';
import type { Message } from '../src/wire/message.js';
import { scan, status, task, UNLIMITED, workflow } from '../test/support/scheduler.js';
import { SimMembership } from '../test/support/sim-membership.js';

const { values } = parseArgs({ options: { members: { type: 'string', default: '1000' } } });

function membership(count: number): void {
  const sim = new SimMembership(1);
  const names = Array.from({ length: count }, (_, i) => `n${i}`);
  for (const name of names) sim.start(name, ['n0']);
  const knowsAll = (): boolean => names.every((name) => sim.members.get(name)!.members.size === count);
  const joined = sim.until(knowsAll, 600_000);
  const [messages, bytes] = [sim.messages, sim.bytes];
  const victim = names[count >> 1]!;
  sim.stop(victim);
  const others = names.filter((name) => name !== victim);
  const buried = (share: number) => (): boolean =>
    others.filter((name) => sim.status(name, victim) === 'dead').length >= share * others.length;
  const nearlyAll = sim.until(buried(0.99), 600_000);
  const died = (nearlyAll ?? 0) + (sim.until(buried(1), 600_000) ?? 0);
  const perSecond = (sim.bytes - bytes) / count / (died / 1000);
  console.log(
    `members ${count}: all know all after ${seconds(joined)} (${perMember(messages, count)} messages and ${perMember(bytes / 1024, count)} KB each)`,
  );
  console.log(
    `  a death is known to 99 of 100 after ${seconds(nearlyAll)}, to all after ${seconds(died)}, at ${Math.round(perSecond)} bytes a second and member`,
  );
}

function seconds(ms: number | undefined): string {
  return ms === undefined ? 'too long' : `${(ms / 1000).toFixed(1)} s`;
}

function perMember(total: number, count: number): number {
  return Math.round(total / count);
}

function ring(count: number): void {
  const instances = Array.from({ length: count }, (_, i) => ({
    ...{ name: `ingester-${i}`, zone: `z${i % 3}`, address: '', state: 'ACTIVE' as const, registeredMs: 0 },
  }));
  const began = performance.now();
  const replicas = new ReplicaRing(instances, 3);
  const builtMs = performance.now() - began;
  const [owned, held] = [new Map<string, number>(), new Map<string, number>()];
  const keys = 200_000;
  for (let i = 0; i < keys; i++) {
    const owners = replicas.owners(Math.imul(i, 0x9e3779b1) >>> 0);
    owned.set(owners[0]!, (owned.get(owners[0]!) ?? 0) + 1);
    for (const owner of owners) held.set(owner, (held.get(owner) ?? 0) + 1);
  }
  const skew = (counts: Map<string, number>, mean: number): string => (Math.max(...counts.values()) / mean).toFixed(3);
  console.log(
    `ring of ${count} in 3 zones: busiest owner ${skew(owned, keys / count)}, busiest of all copies ` +
      `${skew(held, (3 * keys) / count)} times the mean; built in ${builtMs.toFixed(0)} ms`,
  );
}

/** Tasks of many queries, each a hundred scans into one that gathers; workers answer at once. */
function scheduler(workers: number, queries: number): void {
  const state = newScheduler();
  const settings = { ...UNLIMITED, queuedWorkflowsMax: queries, queuedPerTenantMax: queries };
  const inbox: { from: string; message: Message }[] = [];
  const step = (event: SchedulerEvent): void => {
    for (const { to, message } of stepScheduler(state, settings, event, 0)) {
      if (message.kind === 'task.assign') {
        inbox.push({ from: to, message: status(message.task.id, 'completed', { attempt: message.attempt }) });
      } else if (message.kind === 'workflow.done') {
        inbox.push({ from: to, message: { kind: 'workflow.release', workflow: message.workflow } });
      }
    }
  };
  for (let w = 0; w < workers; w++) {
    const hello: Message = { kind: 'worker.hello', incarnation: 1, scanSlots: 4, running: [] };
    step({ kind: 'message', from: `worker/${w}`, message: hello });
  }
  const began = performance.now();
  for (let q = 0; q < queries; q++) {
    const scans = Array.from({ length: 100 }, (_, i) => scan(`${q}-${i}`, 1 + (i % 7)));
    const root = task(`${q}-root`, { sources: [scans.map(({ sink }) => sink)] });
    const tenant = `t${q % 5}`;
    step({ kind: 'message', from: `querier/${q}`, message: workflow(`w${q}`, [root, ...scans], { tenant }) });
    for (let next = inbox.shift(); next; next = inbox.shift()) step({ kind: 'message', ...next });
  }
  const ms = performance.now() - began;
  const tasks = state.counters.completed;
  console.log(
    `scheduler with ${workers} workers: ${Math.round(tasks / (ms / 1000)).toLocaleString('en')} tasks a second (${tasks} done)`,
  );
}

async function messages(): Promise<void> {
  if (spawnSync('nats-server', ['--version']).status !== 0) return console.log('SKIPPED: no nats-server on PATH');
  const server = spawn('nats-server', ['-a', '127.0.0.1', '-p', '4498'], { stdio: 'ignore' });
  await sleep(500);
  const clock = new NodeClock();
  const connections = await Promise.all([0, 1].map(() => connect({ servers: 'nats://127.0.0.1:4498' })));
  const [near, far] = connections.map(
    (connection, i) =>
      new NatsRouter(connection, new LocalRouter({ clock }), { cluster: 'b', process: `p${i}`, clock }),
  ) as [NatsRouter, NatsRouter];
  const local = new LocalRouter({ clock });
  for (const router of [local, far]) router.register('ingester/x', ({ ask }) => ask?.reply({ kind: 'ok' }));
  await connections[1]!.flush();
  for (const [name, router] of [
    ['in one process', local],
    ['over NATS', near],
  ] as const) {
    await rate(`${name}, a small question and its answer`, router, 1, () => ({ kind: 'flush' }), 0);
    await rate(`${name}, 32 of them at once`, router, 32, () => ({ kind: 'flush' }), 0);
    const batch = new SharedArrayBuffer(256 << 10);
    await rate(`${name}, 8 batches of 256 KB at once`, router, 8, () => ({ kind: 'append', batch }), 256 << 10);
    const large = new SharedArrayBuffer(4 << 20);
    await rate(
      `${name}, 4 batches of 4 MB at once, in parts`,
      router,
      4,
      () => ({ kind: 'append', batch: large }),
      4 << 20,
    );
  }
  await Promise.all(connections.map((connection) => connection.close()));
  server.kill();
}

async function rate(name: string, router: Router, atOnce: number, make: () => Message, bytes: number): Promise<void> {
  const end = performance.now() + 1500;
  let done = 0;
  const began = performance.now();
  const one = async (): Promise<void> => {
    while (performance.now() < end) {
      const reply = await router.ask('api/0', 'ingester/x', make(), { timeoutMs: 10_000 });
      if (reply.kind !== 'ok') throw new Error(JSON.stringify(reply));
      done++;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  const s = (performance.now() - began) / 1000;
  const volume = bytes > 0 ? `, ${Math.round((done * bytes) / s / 1e6)} MB/s` : '';
  console.log(
    `${name}: ${Math.round(done / s).toLocaleString('en')} a second, ${((s * 1e6 * atOnce) / done).toFixed(0)} µs each${volume}`,
  );
}

membership(Number(values.members));
ring(100);
scheduler(100, 500);
await messages();
