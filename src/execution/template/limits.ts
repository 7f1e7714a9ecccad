/** Bounds of one run of a template over one line. Exceeding one is a TemplateError; Go has none of them. */

/** Characters of the output, and of any text made on the way. */
export const templateOutputMax = 1_048_576;

/** Work, in characters read or written by functions plus a fixed charge for each call and each round of a loop. */
export const templateWorkMax = 33_554_432;

/** Control structures and template calls inside each other while running; keeps recursion within the stack. */
export const templateDepthMax = 500;

/** Decoded JSON printed as a whole (`{{fromJson .a}}`) may nest this deep. */
export const printedDepthMax = 200;

/** Refuses to make a text that would be too long. */
export function checkSize(characters: number): void {
  if (characters > templateOutputMax) throw new Error(`output exceeds ${templateOutputMax} characters`);
}
