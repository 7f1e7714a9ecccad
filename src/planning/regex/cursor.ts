/** A place in a pattern, moving by code points. */
export class Cursor {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  atEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** The code point ahead, '' at the end. */
  peek(): string {
    return this.atEnd() ? '' : String.fromCodePoint(this.text.codePointAt(this.at)!);
  }

  next(): string {
    const rune = this.peek();
    this.at += rune.length;
    return rune;
  }

  /** Moves past what a sticky expression matches here; null when it does not. */
  take(sticky: RegExp): RegExpExecArray | null {
    sticky.lastIndex = this.at;
    const match = sticky.exec(this.text);
    if (match !== null) this.at = sticky.lastIndex;
    return match;
  }

  /** Moves to just behind the next `mark` and returns what lay before it; all the rest when there is none. */
  takeUntil(mark: string): string {
    const end = this.text.indexOf(mark, this.at);
    const taken = this.text.slice(this.at, end < 0 ? undefined : end);
    this.at = end < 0 ? this.text.length : end + mark.length;
    return taken;
  }
}
