import { type Handler, noContent } from './exchange.js';
import { valueOrRaise } from './metadata.js';

/** `POST|GET /flush`: writes everything in memory to objects and answers once they can be read. */
export const flush: Handler = async (_request, api) => {
  valueOrRaise(await api.client.flush());
  return noContent();
};
