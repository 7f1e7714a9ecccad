/** Pushes of applications that do not exist: the kinds of lines, labels and metadata that logs are made of. */
import type { Nanos } from '../../wire/time.js';

/** Entries of one push come one after another, streams by turns, as agents send them. */
const ENTRIES_PER_STREAM = 48;
const PODS_PER_SERVICE = 4;
/** What is in objects later, one object each. */
export const REHEARSED_OBJECTS = 4;
const PUSHES_PER_OBJECT = 3;
/** What all entries of the rehearsal are from. */
export const REHEARSED_NS = 3_600_000_000_000n;

/** The same sequence every time, which is all that is asked of it (Numerical Recipes' constants). */
class Dice {
  #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
  }

  below(n: number): number {
    this.#seed = (Math.imul(this.#seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.#seed / 2 ** 32) * n);
  }

  pick<T>(...values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }

  hex(length: number): string {
    return Array.from({ length }, () => this.below(16).toString(16)).join('');
  }

  address(): string {
    return Array.from({ length: 4 }, () => this.below(256)).join('.');
  }
}

type Line = (dice: Dice, level: string, at: string) => string;

const LINES: Readonly<Record<string, Line>> = {
  proxy: (dice, _, at) =>
    `${dice.address()} - user${dice.below(1000)} [${at}] "${dice.pick('GET', 'POST', 'PUT')} /api/v${dice.below(3)}/items/${dice.below(9999)} HTTP/1.1" ` +
    `${dice.pick(200, 204, 404, 500)} ${dice.below(90000)} "https://example.com" "Mozilla/5.0 (X11; Linux x86_64)"`,
  web: (dice, level, at) =>
    JSON.stringify({
      ...{ level, ts: at, msg: 'HTTP request', method: dice.pick('GET', 'POST'), path: `/api/${dice.below(9)}` },
      ...{ status: dice.pick(200, 201, 404, 503), duration_ms: dice.below(1000), client_ip: dice.address() },
      ...{ request_id: dice.hex(32), error: dice.pick(undefined, 'connection refused') },
    }),
  engine: (dice, level, at) =>
    `level=${level} ts=${at} caller=engine.go:${dice.below(900)} msg="${dice.pick('query done', 'flush', 'request timeout')}" ` +
    `tenant=tenant${dice.below(9)} trace_id=${dice.hex(32)} bytes=${dice.below(1e7)} duration=${dice.below(900)}ms`,
  system: (dice, level, at) =>
    `${at} ${level} [scheduler] F0612: Scheduled pod pod-${dice.below(999)} on host-${dice.below(99)} of ${dice.address()}`,
};

/** JSON bodies for /loki/api/v1/push of what becomes one object: of all REHEARSED_OBJECTS the times end at `now`. */
export function* rehearsedPushes(now: Nanos, object: number): Generator<string, void> {
  const dice = new Dice(object);
  const streams = Object.entries(LINES).flatMap(([service, line]) =>
    Array.from({ length: PODS_PER_SERVICE }, (_, i) => ({
      labels: {
        service_name: service,
        env: i % 2 === 0 ? 'dev' : 'prod',
        pod: `${service}-${i}`,
        cluster: 'rehearsal',
      },
      line,
    })),
  );
  const step = REHEARSED_NS / BigInt(REHEARSED_OBJECTS * PUSHES_PER_OBJECT * ENTRIES_PER_STREAM * streams.length);
  let time = now - REHEARSED_NS + BigInt(object) * (REHEARSED_NS / BigInt(REHEARSED_OBJECTS));
  for (let push = 0; push < PUSHES_PER_OBJECT; push++) {
    const values: unknown[][] = streams.map(() => []);
    for (let entry = 0; entry < ENTRIES_PER_STREAM * streams.length; entry++) {
      const at = entry % streams.length;
      values[at]!.push(entryOf(dice, streams[at]!.line, time));
      time += step;
    }
    yield JSON.stringify({ streams: streams.map(({ labels }, i) => ({ stream: labels, values: values[i] })) });
  }
}

function entryOf(dice: Dice, line: Line, time: Nanos): unknown[] {
  const level = dice.pick('info', 'info', 'info', 'debug', 'warn', 'error');
  const at = new Date(Number(time / 1_000_000n)).toISOString();
  const metadata = { level, host: `host-${dice.below(99)}`, trace_id: dice.hex(32) };
  return [String(time), line(dice, level, at), dice.below(2) > 0 ? metadata : { level }];
}
