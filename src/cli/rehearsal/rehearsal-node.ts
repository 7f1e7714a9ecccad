/**
 * A process rehearses before it is asked: a small system of its own, in a folder that is removed, takes pushes, stores them
 * and answers questions on the threads that will do so for real. Node compiles what has run often enough, which for the
 * first questions of a process would be most of their time.
 */
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { dispatch } from '../../api/dispatch.js';
import type { Api, RawRequest } from '../../api/exchange.js';
import { collectGarbageSoon } from '../../storage/collect-garbage-node.js';
import { DEFAULT_LIMITS } from '../../wire/limits.js';
import { loadConfig } from '../config.js';
import { createLogger, type Logger } from '../log-node.js';
import { Metrics } from '../metrics-node.js';
import { openSystem, type System } from '../system/system-node.js';
import type { Activity } from './activity.js';
import { REHEARSED_OBJECTS, rehearsedPushes } from './pushes.js';
import { rehearsedQuestions } from './questions.js';

export interface RehearsalParts {
  readonly api: Omit<Api, 'client'>;
  /** Of the system that is served. */
  readonly system: Pick<System, 'threads'>;
  readonly activity: Activity;
  readonly log: Pick<Logger, 'debug' | 'warn'>;
  readonly stopping: AbortSignal;
}

/** Times every question is asked of objects; it was asked of memory once. */
const ROUNDS = 4;
/** Threads that a round has work for: with many of them others take long enough to be asked that they need not know. */
const THREADS_MAX = 4;
/** A step waits until nobody has been served for so long. */
const IDLE_MS = 40;
/** Where somebody always is, steps are so far from each other. */
const WAIT_MS_MAX = 300;
const LOOK_MS = 10;
const TENANT = 'rehearsal';
const PREFIX = 'skald-rehearsal-';
/** No rehearsal takes as long: who made the folder is gone. */
const LEFT_MS = 3_600_000;

/** Resolves when it is over, or the process is to end; never rejects. */
export async function rehearse(parts: RehearsalParts): Promise<void> {
  const begun = performance.now();
  let folder: string | undefined;
  try {
    folder = await temporaryFolder();
    const steps = await inSystem(folder, parts, (api) => perform(api, parts));
    const seconds = (performance.now() - begun) / 1000;
    parts.log.debug({ steps, seconds }, 'rehearsed');
  } catch (error) {
    if (!parts.stopping.aborted)
      parts.log.warn({ error }, 'not rehearsed: the first questions of each kind take longer');
  } finally {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true }).catch(() => {});
  }
}

/** A new one; those of processes that were killed are removed. */
async function temporaryFolder(): Promise<string> {
  const left = (await readdir(tmpdir())).filter((name) => name.startsWith(PREFIX));
  for (const path of left.map((name) => join(tmpdir(), name))) {
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
    if (mtimeMs < Date.now() - LEFT_MS) await rm(path, { recursive: true, force: true }).catch(() => {});
  }
  return mkdtemp(join(tmpdir(), PREFIX));
}

async function inSystem<T>(folder: string, parts: RehearsalParts, work: (api: Api) => Promise<T>): Promise<T> {
  const { stopping, system: served } = parts;
  const { settings } = loadConfig({ environment: {}, assignments: [], flags: { data: folder } });
  const system = await openSystem(
    {
      ...{ settings, stopping, threads: served.threads.size, lentThreads: served.threads },
      ...{ httpAddress: '', log: createLogger({ level: 'silent', format: 'json' }) },
      limits: () => DEFAULT_LIMITS,
      isAt: () => {},
    },
    new Metrics(false),
  );
  try {
    await system.start();
    return await work({ ...parts.api, client: system.client, limits: () => DEFAULT_LIMITS });
  } finally {
    await system.close(0);
    collectGarbageSoon();
  }
}

/** Returns the number of steps. */
async function perform(api: Api, { activity, stopping, system }: RehearsalParts): Promise<number> {
  let steps = 0;
  const step = async (method: string, url: string, body = '', times = 1): Promise<void> => {
    await quiet(activity, stopping);
    await Promise.all(Array.from({ length: times }, () => request(api, method, url, body, stopping)));
    steps++;
  };
  // Of equal questions at once the main thread answers one, and the other threads the rest.
  const atOnce = 1 + Math.min(system.threads.size, THREADS_MAX);
  const now = api.now();
  const questions = rehearsedQuestions(now);
  for (let object = 0; object < REHEARSED_OBJECTS; object++) {
    for (const body of rehearsedPushes(now, object)) await step('POST', '/loki/api/v1/push', body);
    if (object === 0) for (const question of questions) await step('GET', question);
    await step('POST', '/flush');
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const question of questions) await step('GET', question, '', atOnce);
  }
  return steps;
}

/** Resolves when nobody is served, or has always been for a while; rejects when the process is to end. */
async function quiet(activity: Activity, stopping: AbortSignal): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += LOOK_MS) {
    stopping.throwIfAborted();
    if (waitedMs >= WAIT_MS_MAX || activity.idleMs(performance.now()) >= IDLE_MS) return;
    await sleep(LOOK_MS, undefined, { ref: false });
  }
}

/** Throws when it is not answered well: the rehearsal would not be one. */
async function request(api: Api, method: string, url: string, body: string, signal: AbortSignal): Promise<void> {
  const headers: Readonly<Record<string, string>> = {
    'content-type': 'application/json',
    // Kept results would leave most questions unasked after the first round.
    'cache-control': 'no-cache',
    'x-scope-orgid': TENANT,
  };
  const raw: RawRequest = {
    ...{ method, url, signal },
    header: (name) => headers[name] ?? '',
    readBody: async () => Buffer.from(body),
  };
  const { response } = await dispatch(raw, api);
  if (response.status >= 300) throw new Error(`${url}: ${response.status} ${String(response.body)}`);
  if (typeof response.body === 'object' && !(response.body instanceof Uint8Array)) for (const _ of response.body);
}
