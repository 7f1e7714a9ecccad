import { formatLabels, type Labels } from './labels.js';

const texts = new WeakMap<Labels, string>();

/** Canonical text of a label set, made once for each array: for those that are asked about again and again. */
export function labelsKey(labels: Labels): string {
  let text = texts.get(labels);
  if (text === undefined) {
    text = formatLabels(labels);
    texts.set(labels, text);
  }
  return text;
}
