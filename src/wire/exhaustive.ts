/** Makes a switch over a union exhaustive at compile time and loud at run time. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
