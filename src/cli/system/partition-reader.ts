import type { IngesterActor } from '../../actors/ingester/actor.js';
import type { OpenLog } from '../../actors/ingester/log.js';
import { StreamLog } from '../../actors/ingester/stream-log.js';
import { partitionAddress } from '../../actors/ring/partitions.js';
import type { Clock } from '../../actors/runtime/clock.js';
import type { Router } from '../../actors/runtime/router.js';
import type { PartitionStream } from '../../storage/jetstream/types.js';
import { type Address, address } from '../../wire/address.js';
import { asFault, fault } from '../../wire/fault.js';
import type { Reply } from '../../wire/message.js';

export interface ReaderParts {
  readonly router: Router;
  readonly clock: Clock;
  /** Of the process. */
  readonly process: string;
  readonly log: (level: 'info' | 'warn' | 'error', message: string, detail: object) => void;
  readonly openStream: (partition: string) => Promise<PartitionStream>;
  /** An ingester of that name over a log; not started yet. No other one ever had the name. */
  readonly ingester: (instance: string, openLog: OpenLog) => Promise<IngesterActor>;
  readonly newLife: () => string;
}

/** Where it answers as read by one process, once that has read all there was. */
export function readerAddress(partition: string, process: string): Address {
  return address('ingester', `${partition}@${process}`);
}

interface Life {
  readonly actor: IngesterActor;
  readonly address: Address;
  readonly unregister: (() => void)[];
}

const RETRY_MS = 1000;
/** Queries that found this reader may still read what it holds for so long after another one has taken over. */
const LINGER_MS = 10_000;
const FORWARD_TIMEOUT_MS = 600_000;
/** For what only memory still has. */
const RESCUE_TIMEOUT_MS = 600_000;

/**
 * One process's reader of a partition: an ingester over the partition's log. Begins a new life, under a new name, when the
 * log turns out to be another one than before.
 */
export class PartitionReader {
  readonly #with: ReaderParts;
  readonly #partition: string;
  #life: Life | undefined;
  #isOpen = true;
  #begun: Promise<void>;

  constructor(parts: ReaderParts, partition: string) {
    this.#with = parts;
    this.#partition = partition;
    this.#begun = this.#begin();
  }

  get ingester(): IngesterActor | undefined {
    return this.#life?.actor;
  }

  async flush(): Promise<Reply> {
    const { router, process } = this.#with;
    const life = this.#life;
    if (!life) return { kind: 'fault', fault: fault('unavailable', `${this.#partition} is being opened`) };
    const options = { timeoutMs: FORWARD_TIMEOUT_MS };
    return router.ask(address('ingester', process), life.address, { kind: 'flush' }, options);
  }

  /** Puts all memory into objects, and answers until `farewell` is over. False when that took too long: the log has the rest. */
  async drain(timeoutMs: number, farewell: () => Promise<void>): Promise<boolean> {
    this.#isOpen = false;
    await this.#begun;
    const drained = this.#life && (await this.#life.actor.drain(timeoutMs, farewell));
    if (drained === undefined) await farewell();
    this.#unlist();
    return drained ?? true;
  }

  /** Ends, since another process has all that is in memory here. */
  async close({ lingers }: { readonly lingers: boolean }): Promise<void> {
    this.#isOpen = false;
    this.#unlist();
    await this.#begun;
    if (lingers) {
      // What it would flush the other one will.
      await this.#life?.actor.rest();
      await this.#pause(LINGER_MS);
    }
    await this.#life?.actor.stop();
  }

  /** Tries until the log can be read. */
  async #begin(): Promise<void> {
    while (this.#isOpen) {
      try {
        return await this.#live();
      } catch (error) {
        const detail = { partition: this.#partition, fault: asFault(error) };
        this.#with.log('warn', 'a partition cannot be opened at present', detail);
        await this.#pause(RETRY_MS);
      }
    }
  }

  async #live(): Promise<void> {
    const { clock, router, process, log, openStream, ingester, newLife } = this.#with;
    const name = `${this.#partition}.${newLife()}`;
    const stream = await openStream(this.#partition);
    let onLost = (): void => undefined;
    const records = new StreamLog({
      ...{ stream, clock, onLost: () => onLost() },
      log: (level, message, detail) => log(level, message, { partition: this.#partition, ...detail }),
    });
    const actor = await ingester(name, records.open);
    const life: Life = { actor, address: address('ingester', name), unregister: [] };
    onLost = () => this.#lost(life);
    await actor.start();
    this.#life = life;
    void records.caughtUp.then(() => {
      if (!this.#isOpen || this.#life !== life) return;
      for (const at of [partitionAddress(this.#partition), readerAddress(this.#partition, process)]) {
        life.unregister.push(forward(router, at, life.address));
      }
    });
  }

  /** What was acknowledged and is gone from the log is in memory here, and goes from there to objects. */
  #lost(life: Life): void {
    this.#unlist();
    this.#life = undefined;
    void life.actor.drain(RESCUE_TIMEOUT_MS);
    this.#begun = this.#begin();
  }

  #unlist(): void {
    for (const unregister of this.#life?.unregister.splice(0) ?? []) unregister();
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#with.clock.after(ms, resolve));
  }
}

function forward(router: Router, at: Address, to: Address): () => void {
  return router.register(at, ({ from, message, ask }) => {
    if (!ask) router.tell(from, to, message);
    else void router.ask(from, to, message, { timeoutMs: FORWARD_TIMEOUT_MS }).then(ask.reply);
  });
}
