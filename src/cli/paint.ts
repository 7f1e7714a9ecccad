/** Colours for terminals; without them every function returns its text as it is. */
export interface Paint {
  dim(text: string): string;
  /** The same label set always has the same colour. */
  labels(text: string): string;
  level(text: string, level: string): string;
}

const LABEL_COLOURS = [32, 33, 34, 35, 36, 92, 93, 94, 95, 96];
const LEVEL_COLOURS: Readonly<Record<string, number>> = { fatal: 31, critical: 31, error: 31, warn: 33 };

function colour(code: number, text: string): string {
  return `\x1b[${code}m${text}\x1b[0m`;
}

export const PLAIN: Paint = { dim: (text) => text, labels: (text) => text, level: (text) => text };

export const COLOURED: Paint = {
  dim: (text) => colour(2, text),
  labels: (text) => colour(LABEL_COLOURS[hash(text) % LABEL_COLOURS.length]!, text),
  level: (text, level) => {
    const code = LEVEL_COLOURS[level];
    return code === undefined ? text : colour(code, text);
  },
};

function hash(text: string): number {
  let value = 0;
  for (let i = 0; i < text.length; i++) value = (Math.imul(value, 31) + text.charCodeAt(i)) >>> 0;
  return value;
}
