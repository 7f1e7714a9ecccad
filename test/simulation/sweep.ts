/** Many seeds, each run twice, and what came of them all. */
import { type Outcome, type RunOptions, simulate } from './simulate.js';

export class Sweep {
  seeds = 0;
  readonly failures: { readonly outcome: Outcome; readonly claim: string }[] = [];
  readonly totals = { simulatedMs: 0, events: 0, messages: 0, sent: 0, acknowledged: 0, found: 0, stored: 0 };
  readonly faults: Record<string, number> = {};
  readonly clients: Record<string, number> = {};

  /** The second run proves that the seed decides everything. */
  async add(seed: number, options: RunOptions = {}): Promise<void> {
    const outcome = await simulate(seed, options);
    const { print: _, ...silent } = options;
    const { hash } = await simulate(seed, silent);
    const isSame = outcome.hash === hash;
    const claim = outcome.failure ?? (isSame ? undefined : 'a second run of the seed went another way');
    if (claim !== undefined) this.failures.push({ outcome, claim });
    this.seeds++;
    const { totals } = this;
    for (const key of Object.keys(totals) as (keyof typeof totals)[]) totals[key] += outcome[key];
    sum(this.faults, outcome.faults);
    sum(this.clients, { ...outcome.tally });
  }

  /** Rows in objects for each line that was found. */
  get storedRatio(): number {
    return this.totals.stored / Math.max(1, this.totals.found);
  }

  get simulatedHours(): number {
    return this.totals.simulatedMs / 3_600_000;
  }

  summary(): string {
    const { events, messages, sent, acknowledged, found, stored } = this.totals;
    const failed = this.failures.map(({ outcome }) => outcome.seed);
    return [
      `${this.seeds} seeds, each run twice: ${failed.length} failed${failed.length > 0 ? `: ${failed.join(' ')}` : ''}`,
      `${this.simulatedHours.toFixed(2)} simulated hours, ${events} events, ${messages} messages`,
      `lines: ${sent} sent, ${acknowledged} acknowledged, ${found} found at the end`,
      `rows in objects: ${stored}, ${this.storedRatio.toFixed(3)} for each line`,
      `clients: ${listed(this.clients)}`,
      `faults: ${listed(this.faults)}`,
    ].join('\n');
  }
}

/** What is needed to look into a failure. */
export function failureText({ outcome, claim }: Sweep['failures'][number]): string {
  const lines = outcome.trace.slice(-25).map((line) => `  ${line.slice(0, 240)}`);
  const again = `npm run sim -- --seed ${outcome.seed} --trace${outcome.shape.log ? ' --log jetstream' : ''}`;
  return [`seed ${outcome.seed} FAILED: ${claim}`, '', ...lines, '', `  all of it: ${again}`].join('\n');
}

function sum(totals: Record<string, number>, more: Readonly<Record<string, number>>): void {
  for (const [kind, count] of Object.entries(more)) totals[kind] = (totals[kind] ?? 0) + count;
}

function listed(counts: Readonly<Record<string, number>>): string {
  const kinds = Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1));
  return kinds.map(([kind, count]) => `${kind} ${count}`).join(', ');
}
