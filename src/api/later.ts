import { raise } from '../wire/fault.js';
import type { Handler } from './exchange.js';

/** An endpoint of Loki's that Skald knows by name and does not serve yet: 501 says which, where 404 would mislead. */
export function later(endpoint: string): Handler {
  return () => raise('unimplemented', `${endpoint} is not served by this version of Skald`);
}
