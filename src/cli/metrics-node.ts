import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** A number read when somebody scrapes, with its labels. */
export interface Reading {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

export type Readings = () => readonly Reading[];

/** Prometheus metrics of the process; named after Loki's where Loki has the same thing. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #requests: Histogram<'method' | 'route' | 'status_code'>;
  readonly #scraping: (() => void)[] = [];

  /** `ofProcess`: with those of Node itself, which go on being measured for as long as the process lives. */
  constructor(ofProcess = true) {
    if (ofProcess) collectDefaultMetrics({ register: this.#registry });
    this.#requests = new Histogram({
      name: 'loki_request_duration_seconds',
      help: 'Time (in seconds) spent serving HTTP requests.',
      labelNames: ['method', 'route', 'status_code'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100],
      registers: [this.#registry],
    });
  }

  request(route: string, method: string, status: number, seconds: number): void {
    this.#requests.observe({ method, route, status_code: String(status) }, seconds);
  }

  /** A total that its owner counts; labels may come and go. */
  counter(name: string, help: string, labelNames: readonly string[], read: Readings): void {
    const counter = new Counter(
      this.#collected(name, help, labelNames, () => {
        counter.reset();
        for (const { labels, value } of read()) counter.inc({ ...labels }, value);
      }),
    );
  }

  gauge(name: string, help: string, labelNames: readonly string[], read: Readings): void {
    const gauge = new Gauge(
      this.#collected(name, help, labelNames, () => {
        gauge.reset();
        for (const { labels, value } of read()) gauge.set({ ...labels }, value);
      }),
    );
  }

  #collected(name: string, help: string, labelNames: readonly string[], collect: () => void) {
    return { name, help, labelNames: [...labelNames], registers: [this.#registry], collect };
  }

  /** Calls `register` before every scrape: parts of the system learn what they count while they run. */
  beforeScrape(register: () => void): void {
    this.#scraping.push(register);
  }

  async text(): Promise<{ contentType: string; text: string }> {
    for (const register of this.#scraping) register();
    return { contentType: this.#registry.contentType, text: await this.#registry.metrics() };
  }
}
