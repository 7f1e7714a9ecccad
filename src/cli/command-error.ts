/** A command can't do what it was asked to, and says what to do next. Printed without a stack. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}
