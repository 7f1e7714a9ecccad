/**
 * Files whose writes are their own `fdatasync` (open(2)), where that is as strong as what Node does to sync a file: on Linux.
 * A record of the log costs one trip to another thread instead of two, and a large file that is written beside the log goes to the
 * disk piece by piece: synced at its end, it held up the log's syncs until all of it was written.
 */
import { constants } from 'node:fs';

const { O_CREAT, O_DSYNC, O_EXCL, O_WRONLY } = constants;

export const SYNCS_WRITES = process.platform === 'linux';

/** For `open`: to write to a file that is there. */
export const OLD_FILE = O_WRONLY | (SYNCS_WRITES ? O_DSYNC : 0);

/** For `open`: to create a file and write to it. */
export const NEW_FILE = OLD_FILE | O_CREAT | O_EXCL;
