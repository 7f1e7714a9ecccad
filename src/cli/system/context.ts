import type { NatsConnection } from '@nats-io/transport-node';
import type { Clock, Random } from '../../actors/runtime/clock.js';
import type { Router } from '../../actors/runtime/router.js';
import type { TaskPool } from '../../execution/pool.js';
import type { Bucket } from '../../storage/bucket/bucket.js';
import type { IndexWarmer } from '../../storage/metastore/index-warmer.js';
import type { Metastore } from '../../storage/metastore/metastore.js';
import type { TenantLimits } from '../../wire/limits.js';
import type { Settings } from '../config.js';
import type { Logger } from '../log-node.js';
import type { Peers } from './peers.js';

/** What every actor of a process is built from. */
export interface SystemContext {
  readonly settings: Settings;
  /** Of the process, among all of its cluster that are and have been. */
  readonly name: string;
  readonly log: Logger;
  readonly limits: (tenant: string) => TenantLimits;
  readonly clock: Clock;
  readonly random: Random;
  readonly router: Router;
  /** Undefined in a process that is alone. */
  readonly nats: NatsConnection | undefined;
  readonly peers: Peers;
  readonly bucket: Bucket;
  readonly metastore: Metastore;
  /** Undefined where nobody looks anything up. */
  readonly warmer: IndexWarmer | undefined;
  readonly pool: TaskPool;
}
