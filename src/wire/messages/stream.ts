/** sender of a stream -> its receiver; within the limit granted; numbered from 0. Safe twice and in any order. */
export interface StreamData {
  readonly kind: 'stream.data';
  readonly stream: string;
  readonly attempt: number;
  readonly sequence: number;
  /** An Arrow IPC frame (wire/arrow-frame.ts). */
  readonly frame: Uint8Array;
}

/**
 * sender -> receiver, before the first frame of an attempt that is not the first, and when nothing has been heard for a
 * while: so many frames have been sent. Answered by `stream.credit`. Safe twice.
 */
export interface StreamProbe {
  readonly kind: 'stream.probe';
  readonly stream: string;
  readonly attempt: number;
  /** As in `task.assign`. */
  readonly floor: number;
  readonly frames: number;
}

/** receiver -> sender: acknowledges and grants, in absolute numbers. Safe twice and in any order. */
export interface StreamCredit {
  readonly kind: 'stream.credit';
  readonly stream: string;
  readonly attempt: number;
  /** All frames below have come. */
  readonly next: number;
  /** Frames below may be sent. */
  readonly limit: number;
  /** What was sent of `next` and above is lost. */
  readonly missing?: true;
  /** `complete`: the receiver has all there is and needs no sender. `superseded`: it has used another attempt's frames. */
  readonly verdict?: 'complete' | 'superseded';
}

/**
 * sender -> receiver after the last frame, or scheduler -> receiver for a task that is skipped; again until a credit says
 * that the stream is complete. Safe twice.
 */
export interface StreamClosed {
  readonly kind: 'stream.closed';
  readonly stream: string;
  readonly attempt: number;
  /** Frames sent in all, so the receiver knows whether it has everything. */
  readonly frames: number;
}
