import type { CommandIo } from '../command.js';
import { formatBytes, formatCount } from '../human.js';

const BAR_WIDTH = 24;
const REFRESH_MS = 100;

/** A line on the terminal that shows how far a push has come; nothing where standard error is no terminal. */
export class Progress {
  readonly #io: CommandIo;
  /** Undefined when nobody knows, as with standard input. */
  readonly #totalBytes: number | undefined;
  readonly #startedMs: number;
  #shownMs = 0;
  #width = 0;

  constructor(io: CommandIo, totalBytes: number | undefined) {
    this.#io = io;
    this.#totalBytes = totalBytes;
    this.#startedMs = io.now();
  }

  show(bytes: number, lines: number): void {
    const now = this.#io.now();
    if (!this.#io.errIsTerminal || now - this.#shownMs < REFRESH_MS) return;
    this.#shownMs = now;
    const seconds = Math.max((now - this.#startedMs) / 1000, 0.001);
    this.#replace(`${this.#bar(bytes)}${formatCount(lines)} lines  ${formatBytes(bytes / seconds)}/s`);
  }

  /** Says something without breaking the line. */
  remark(text: string): void {
    this.clear();
    this.#io.err(`${text}\n`);
  }

  clear(): void {
    if (this.#width > 0) this.#replace('');
  }

  #bar(bytes: number): string {
    if (this.#totalBytes === undefined || this.#totalBytes === 0) return '';
    const share = Math.min(bytes / this.#totalBytes, 1);
    const filled = Math.round(share * BAR_WIDTH);
    return `[${'#'.repeat(filled)}${' '.repeat(BAR_WIDTH - filled)}] ${String(Math.floor(share * 100)).padStart(3)}%  `;
  }

  #replace(text: string): void {
    this.#io.err(`\r${text.padEnd(this.#width)}${text === '' ? '\r' : ''}`);
    this.#width = text.length;
  }
}
