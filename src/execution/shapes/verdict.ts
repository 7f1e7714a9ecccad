import type { Shapes } from '../../storage/dataobj/types.js';

/** What a condition on lines says of all lines of a shape. In an order in which AND is the least and OR the greatest. */
export const NO = 0;
/** It depends on the numbers. */
export const OPEN = 1;
export const YES = 2;

/** One verdict for each shape. */
export type Verdicts = Uint8Array;

export type Judge = (shapes: Shapes) => Verdicts;
