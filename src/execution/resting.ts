/** Whoever waits for the thread, a push for one, waits for no longer than this and for one page. */
const WORK_MS = 4;

/**
 * To be called between pages: every few milliseconds it lets others have the thread. `others` has all done that waits for
 * it; `now` is monotonic, in ms.
 */
export function resting(others: () => Promise<void>, now: () => number): () => Promise<void> | undefined {
  let since = now();
  return () => {
    if (now() - since < WORK_MS) return undefined;
    return others().then(() => {
      since = now();
    });
  };
}
