import type { MessagePort } from 'node:worker_threads';
import type { LiveTarget } from '../planning/physical/node.js';
import type { BucketPlace } from '../storage/bucket/open-node.js';
import type { CacheCounts } from '../storage/dataobj/cache-counts.js';
import type { BuildInput, BuildSettings, BuiltObject } from '../storage/dataobj/types.js';
import type { Fault } from '../wire/fault.js';
import type { TaskReport } from '../wire/messages/workflow.js';
import type { LiveRows } from './context.js';
import type { TaskJob } from './pool.js';

/** What a scan thread is asked to do. */
export interface RunRequest {
  readonly job: TaskJob;
  /** Undefined: the objects that the thread was set up with. */
  readonly guest: ObjectsPlace | undefined;
  readonly port: MessagePort;
}

/** What a build thread is asked to do. Of batches only their memory goes there, which is shared: views of it would be copied one by one. */
export interface BuildRequest {
  readonly input: Omit<BuildInput, 'batches'>;
  readonly batches: readonly SharedArrayBuffer[];
  readonly settings: BuildSettings;
}

/** How it ended: errors cross as data, since a thrown class does not survive the way. */
export type RunOutcome = (
  | { readonly kind: 'ran'; readonly report: TaskReport }
  | { readonly kind: 'failed'; readonly fault: Fault }
) & {
  /** What the thread of this number keeps of the objects it was set up with. */
  readonly kept: { readonly thread: number; readonly counts: CacheCounts };
};
export type BuildOutcome =
  | { readonly kind: 'built'; readonly object: BuiltObject }
  | { readonly kind: 'failed'; readonly fault: Fault };

/** Pool to thread, while a task runs. */
export type ToThread =
  | { readonly kind: 'frame'; readonly slot: number; readonly rank: number; readonly bytes: Uint8Array }
  | { readonly kind: 'end'; readonly slot: number; readonly fault?: Fault }
  /** The last frame sent has been passed on and there is room for one more. */
  | { readonly kind: 'room' }
  | { readonly kind: 'live'; readonly request: number; readonly rows?: LiveRows; readonly fault?: Fault }
  | { readonly kind: 'cancel'; readonly fault: Fault };

/** Thread to pool, while a task runs. */
export type FromThread =
  | { readonly kind: 'frame'; readonly bytes: Uint8Array }
  /** A frame of this stream has been taken up. */
  | { readonly kind: 'taken'; readonly slot: number; readonly rank: number }
  | { readonly kind: 'live'; readonly request: number; readonly target: LiveTarget };

/** Objects that a thread reads. */
export interface ObjectsPlace {
  readonly bucket: BucketPlace;
  /** Memory for opened objects, per thread. */
  readonly cacheBytesMax: number;
  /** For pages of theirs, besides. */
  readonly pageCacheBytesMax: number;
}
