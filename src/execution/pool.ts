import type { LiveTarget, Node } from '../planning/physical/node.js';
import type { BuildInput, BuildSettings, BuiltObject } from '../storage/dataobj/types.js';
import type { RunOptions, TaskReport } from '../wire/messages/workflow.js';
import type { AsyncQueue } from './async-queue.js';
import type { LiveRows } from './context.js';

/** A fragment to run and how. */
export interface TaskJob {
  readonly fragment: Node;
  /** Number of source slots. */
  readonly slots: number;
  readonly run: RunOptions;
  readonly bound?: bigint;
  readonly memoryBytesMax: number;
  /** Takes no more time than others who want this thread can spare. */
  readonly inPlace?: boolean;
  /** Bytes to be read, about. */
  readonly bytes?: number;
}

export interface ReceivedFrame {
  readonly bytes: Uint8Array;
  /** Rank of its stream within the slot. */
  readonly rank: number;
  /** To be called when the frame has been taken up: gives its sender room. */
  readonly taken: () => void;
}

/** The ends of a task's streams, on the side of whoever runs the pool. */
export interface TaskIo {
  readonly signal: AbortSignal;
  readonly sources: readonly AsyncQueue<ReceivedFrame>[];
  /** Resolves when there is room for the next frame. */
  readonly send: (frame: Uint8Array) => Promise<void>;
  readonly readLive: (target: LiveTarget) => Promise<LiveRows>;
}

/** Runs fragments and object builds somewhere: on threads in production, in place in tests. */
export interface TaskPool {
  /** Threads, i.e. scans that make sense at once. */
  readonly size: number;
  run(job: TaskJob, io: TaskIo): Promise<TaskReport>;
  build(input: BuildInput, settings: BuildSettings): Promise<BuiltObject>;
  close(): Promise<void>;
}
