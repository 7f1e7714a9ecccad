/** Runs share a network and ports: a second one would take them away from the first. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const FILE = join(tmpdir(), 'skald-chaos.pid');

/** Throws while another run of this machine is under way. */
export function beOnlyRun(): void {
  const other = runningPid();
  if (other !== undefined) throw new Error(`a run of chaos is under way: process ${other} (${FILE})`);
  writeFileSync(FILE, String(process.pid));
  process.once('exit', () => rmSync(FILE, { force: true }));
}

function runningPid(): number | undefined {
  try {
    const pid = Number(readFileSync(FILE, 'utf8'));
    process.kill(pid, 0);
    return pid;
  } catch {
    return undefined; // no file, or what a run that was killed has left
  }
}
