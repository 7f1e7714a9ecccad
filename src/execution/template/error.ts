/** A template failed on one line; the message is Go's and becomes `__error_details__`. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}
