/** What the operations endpoints see of the process around them, and do to it; `cli` builds one. */
import type { Outcome } from '../wire/query.js';

export type ConfigMode = 'effective' | 'defaults' | 'diff';

/** Rings that Loki shows pages of. */
export const RINGS = [
  'ingester',
  'distributor',
  'index-gateway',
  'ruler',
  'compactor',
  'scheduler',
  'pattern',
] as const;
export type RingName = (typeof RINGS)[number];

/** An instance in a ring. Times are ms since the epoch. */
export interface RingMember {
  readonly id: string;
  /** UNHEALTHY: others cannot reach it, whatever it says of itself. */
  readonly state: 'PENDING' | 'JOINING' | 'ACTIVE' | 'LEAVING' | 'READONLY' | 'UNHEALTHY';
  /** Host and port. */
  readonly address: string;
  readonly zone: string;
  readonly registeredMs: number;
  /** When this process last heard it; undefined while it only knows of it from others. */
  readonly heardMs: number | undefined;
  /** The part of all streams that it owns, up to 1; undefined in rings that own nothing. */
  readonly share?: number;
}

/** A process of the cluster, as gossip knows it. */
export interface Gossiper extends Omit<RingMember, 'id' | 'state' | 'share'> {
  readonly name: string;
  readonly roles: readonly string[];
  /** `left` went by itself, `dead` was given up by others. */
  readonly status: 'alive' | 'suspect' | 'dead' | 'left';
  /** What it says of itself. */
  readonly state: string;
  readonly incarnation: number;
}

export interface Service {
  readonly name: string;
  readonly state: 'Starting' | 'Running' | 'Stopping' | 'Terminated';
}

export interface Process {
  /** YAML; `diff` has only what is not as by default. */
  config(mode: ConfigMode): string;
  /** YAML with Loki's names. */
  tenantLimits(tenant: string): string;
  services(): readonly Service[];
  logLevel(): string;
  /** False when there is no such level. */
  setLogLevel(level: string): boolean;
  /** Undefined when nothing in this process has that role. */
  ring(name: RingName): readonly RingMember[] | undefined;
  /** Makes the cluster forget an UNHEALTHY instance; `not-found`, or `bad-request` for one that is none. */
  forget(ring: RingName, id: string): Outcome<void>;
  /** Undefined in a process that is alone. */
  memberlist(): readonly Gossiper[] | undefined;
  /** Whether somebody said that the ingester is about to be shut down for good. */
  isShutdownPrepared(): boolean;
  prepareShutdown(prepared: boolean): void;
  /**
   * Takes no more pushes; with `flush` it resolves when memory is in objects. With `terminate` the process ends once
   * this has been answered.
   */
  shutdown(how: { readonly flush: boolean; readonly terminate: boolean }): Promise<Outcome<void>>;
}
