// Starts the built server as a process of its own and reads what it costs.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const CLOCK_TICKS_PER_SECOND = 100;
/** As `npm start` has them. */
const NODE_FLAGS = ['--single-threaded-gc'];
const ENVIRONMENT = { MALLOC_MMAP_THRESHOLD_: '262144' };

/** A process of all roles. */
export function startServer(data, settings = [], nodeFlags = []) {
  return startProcess(data, ['--role=all'], settings, nodeFlags);
}

/** CPU seconds of a process so far. */
export function cpuSecondsOf(pid) {
  const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND;
}

/** Resolves when it answers; a part of a cluster may not be ready by then. */
export async function startProcess(data, flags, settings = [], nodeFlags = []) {
  const port = 20000 + Math.floor(Math.random() * 20000);
  const sets = settings.flatMap((setting) => ['--set', setting]);
  fs.mkdirSync(path.dirname(data), { recursive: true });
  const log = fs.openSync(path.join(path.dirname(data), 'server.log'), 'a');
  const args = [
    ...NODE_FLAGS,
    ...nodeFlags,
    'dist/cli/index.js',
    ...flags,
    '--port',
    String(port),
    '--data',
    data,
    ...sets,
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', log, log], env: { ...ENVIRONMENT, ...process.env } });
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; tries++) {
    if (child.exitCode !== null)
      throw new Error(`the server ended with ${child.exitCode}; see ${path.dirname(data)}/server.log`);
    const ready = await fetch(`${url}/ready`).then(
      (answer) => answer.status === 200 || flags[0] !== '--role=all',
      () => false,
    );
    if (ready) break;
    if (tries > 600) throw new Error('the server did not become ready');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    url,
    pid: child.pid,
    cpuSeconds: () => cpuSecondsOf(child.pid),
    peakMemoryBytes: () =>
      Number(/VmHWM:\s+(\d+)/.exec(fs.readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]) * 1024,
    /** Resolves when it has gone through questions of its own, as every server does that has started. */
    rehearsed: async () => {
      for (let tries = 0; tries < 120; tries++) {
        const metrics = await (await fetch(`${url}/metrics`)).text();
        if (!/^skald_rehearsal_running 1$/m.test(metrics)) return;
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
      throw new Error('the rehearsal of the server does not end');
    },
    stop: (signal = 'SIGTERM') =>
      new Promise((resolve) => {
        child.once('exit', resolve);
        child.kill(signal);
      }),
  };
}

/** Bytes of all files below a folder. */
export function folderBytes(folder, suffix = '') {
  let bytes = 0;
  for (const entry of fs.readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile() && entry.name.endsWith(suffix))
      bytes += fs.statSync(path.join(entry.parentPath ?? entry.path, entry.name)).size;
  }
  return bytes;
}
