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

export interface RingMember {
  readonly id: string;
  readonly state: 'PENDING' | 'ACTIVE' | 'LEAVING';
  /** Host and port. */
  readonly address: string;
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
  /** Whether somebody said that the ingester is about to be shut down for good. */
  isShutdownPrepared(): boolean;
  prepareShutdown(prepared: boolean): void;
  /**
   * Takes no more pushes; with `flush` it resolves when memory is in objects. With `terminate` the process ends once
   * this has been answered.
   */
  shutdown(how: { readonly flush: boolean; readonly terminate: boolean }): Promise<Outcome<void>>;
}
