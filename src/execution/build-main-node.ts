/** The body of a build thread: makes objects of what was in memory. */
import { setPriority } from 'node:os';
import { transferableSymbol, valueSymbol } from 'piscina';
import { collectGarbage } from '../storage/collect-garbage-node.js';
import { buildLogsObject } from '../storage/dataobj/logs/builder.js';
import { kindsOfBuild } from '../storage/dataobj/logs/kept-kinds.js';
import { openNameless } from '../wire/entries.js';
import { asFault } from '../wire/fault.js';
import type { BuildOutcome, BuildRequest } from './thread-port.js';

/** Nobody waits for a build, while pushes and queries are waited for. */
const NICENESS = 5;

// Elsewhere than on Linux a priority is the whole process's.
if (process.platform === 'linux') setPriority(NICENESS);

/** For V8, which else forgets them when garbage is collected. */
const kinds: object[] = [];

export default function main({ input, batches, settings }: BuildRequest): BuildOutcome {
  // When the answer is on its way: batches are in memory as long as this thread refers to them.
  setImmediate(collectGarbage);
  try {
    if (kinds.length === 0) kinds.push(...kindsOfBuild(settings));
    const { tenant, streams, runs, window, source } = input;
    const opened = { tenant, batches: batches.map(openNameless), streams, runs, window, source };
    const object = buildLogsObject(opened, settings);
    const value: BuildOutcome = { kind: 'built', object };
    // Piscina moves, rather than copies, what an answer lists under its symbols; the caller gets the value.
    return Object.assign({ [transferableSymbol]: object.bytes.buffer, [valueSymbol]: value }, value);
  } catch (error) {
    return { kind: 'failed', fault: asFault(error) };
  }
}
