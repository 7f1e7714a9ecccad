import type { Settings } from './config.js';

/** Placeholder until the composition root stands. */
export async function runServer(settings: Settings): Promise<void> {
  throw new Error(`the server for ${settings.roles.join(',')} is not wired yet`);
}
