/**
 * A network of its own for every process: a namespace with one cable to a bridge on which NATS and the clients are. Needs
 * root, iproute2 and iptables; `tc netem` is used where the kernel has it.
 */
import { spawnSync } from 'node:child_process';

const BRIDGE = 'skald-chaos';
const HOST = '10.213.77.1';

export type Cut = 'both' | 'inbound' | 'outbound' | 'loss' | 'delay';

/** Why there can be no network of our own here; undefined when there can. */
export function whyNoNetwork(): string | undefined {
  if (process.getuid?.() !== 0) return 'not root';
  for (const tool of ['ip', 'iptables']) {
    if (spawnSync(tool, ['-V']).status !== 0) return `${tool} is missing (apt-get install iproute2 iptables)`;
  }
  const name = `${BRIDGE}-try`.slice(0, 15);
  const made = spawnSync('ip', ['netns', 'add', name]).status === 0;
  spawnSync('ip', ['netns', 'delete', name]);
  return made ? undefined : 'network namespaces are not allowed here';
}

export class Network {
  readonly host = HOST;
  readonly #namespaces: string[] = [];
  readonly hasDelay: boolean;

  constructor() {
    this.close();
    run('ip', 'link', 'add', BRIDGE, 'type', 'bridge');
    run('ip', 'address', 'add', `${HOST}/24`, 'dev', BRIDGE);
    run('ip', 'link', 'set', BRIDGE, 'up');
    this.hasDelay = spawnSync('tc', ['qdisc', 'add', 'dev', BRIDGE, 'root', 'netem', 'delay', '1ms']).status === 0;
    spawnSync('tc', ['qdisc', 'delete', 'dev', BRIDGE, 'root']);
  }

  /** Makes the namespace of a node; returns its address. */
  add(node: string): string {
    const index = this.#namespaces.push(node) + 1;
    // Cables of a run that was killed go some time after their namespaces.
    const [namespace, cable] = [namespaceOf(node), `sk${process.pid}-${index}`];
    const address = `10.213.77.${index}`;
    run('ip', 'netns', 'add', namespace);
    run('ip', 'link', 'add', cable, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace);
    run('ip', 'link', 'set', cable, 'master', BRIDGE, 'up');
    run('ip', '-n', namespace, 'address', 'add', `${address}/24`, 'dev', 'eth0');
    run('ip', '-n', namespace, 'link', 'set', 'eth0', 'up');
    run('ip', '-n', namespace, 'link', 'set', 'lo', 'up');
    return address;
  }

  /** What to put before a command so that it runs at a node. */
  prefix(node: string): readonly string[] {
    return ['ip', 'netns', 'exec', namespaceOf(node)];
  }

  cut(node: string, how: Cut): void {
    const rule = (chain: string, ...match: string[]): void =>
      run(...this.prefix(node), 'iptables', '-A', chain, ...match, '-j', 'DROP');
    const lossy = ['-m', 'statistic', '--mode', 'random', '--probability', '0.2'];
    if (how === 'delay') run(...this.prefix(node), 'tc', 'qdisc', 'add', 'dev', 'eth0', 'root', 'netem', ...DELAY);
    if (how === 'both' || how === 'inbound') rule('INPUT', '-i', 'eth0');
    if (how === 'both' || how === 'outbound') rule('OUTPUT', '-o', 'eth0');
    if (how === 'loss') for (const [chain, flag] of WAYS) rule(chain, flag, 'eth0', ...lossy);
  }

  heal(node: string): void {
    run(...this.prefix(node), 'iptables', '-F');
    spawnSync('ip', ['netns', 'exec', namespaceOf(node), 'tc', 'qdisc', 'delete', 'dev', 'eth0', 'root']);
  }

  /** Removes whatever a run, this one or one that was killed, has made. */
  close(): void {
    const listed = spawnSync('ip', ['netns', 'list'], { encoding: 'utf8' }).stdout ?? '';
    for (const [name = ''] of listed.split('\n').map((line) => line.split(' '))) {
      if (name.startsWith('skald-chaos-')) spawnSync('ip', ['netns', 'delete', name]);
    }
    spawnSync('ip', ['link', 'delete', BRIDGE]);
  }
}

const WAYS = [
  ['INPUT', '-i'],
  ['OUTPUT', '-o'],
] as const;
const DELAY = ['delay', '300ms', '200ms', 'loss', '1%'];

function namespaceOf(node: string): string {
  return `skald-chaos-${node}`;
}

function run(command: string, ...args: readonly string[]): void;
function run(...words: readonly string[]): void;
function run(command: string, ...args: readonly string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${[command, ...args].join(' ')}: ${stderr}`);
}
