/** One verb of a format with its flags, e.g. `%-8.3f`. */
export interface Spec {
  readonly verb: string;
  readonly minus: boolean;
  readonly plus: boolean;
  readonly sharp: boolean;
  readonly space: boolean;
  readonly zero: boolean;
  /** `%#v`: Go syntax. */
  readonly goSyntax: boolean;
  /** -1 when there is none. */
  readonly width: number;
  /** -1 when there is none. */
  readonly precision: number;
  /** Printing the argument of a bad verb: nothing prints itself then. */
  readonly erroring: boolean;
}

export const PLAIN: Spec = {
  verb: 'v',
  minus: false,
  plus: false,
  sharp: false,
  space: false,
  zero: false,
  goSyntax: false,
  width: -1,
  precision: -1,
  erroring: false,
};

/** Pads to the width, which counts characters, not bytes. */
export function pad(text: string, spec: Spec): string {
  if (spec.width < 0) return text;
  const missing = spec.width - runeCount(text);
  if (missing <= 0) return text;
  if (spec.minus) return text + ' '.repeat(missing);
  return (spec.zero ? '0' : ' ').repeat(missing) + text;
}

export function runeCount(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
