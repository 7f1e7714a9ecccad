#!/usr/bin/env -S MALLOC_MMAP_THRESHOLD_=262144 node --single-threaded-gc
import { once } from 'node:events';
import type { CommandIo } from './command.js';
import { main } from './main.js';

const io: CommandIo = {
  stdin: process.stdin,
  out: async (text) => {
    if (!process.stdout.write(text)) await once(process.stdout, 'drain');
  },
  err: (text) => process.stderr.write(text),
  environment: process.env,
  now: () => Date.now(),
  outIsTerminal: process.stdout.isTTY === true,
  errIsTerminal: process.stderr.isTTY === true,
};

// `skald query ... | head` closes the pipe early, which is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await main(process.argv.slice(2), io, async (config) => {
  // Imported only here, so that a client command does not load the whole engine.
  const { runServer } = await import('./serve-node.js');
  await runServer(config);
});
