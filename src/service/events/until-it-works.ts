// Something that the database, or whatever else, does not allow for the moment.
import { setTimeout as pause } from 'node:timers/promises';
import type { StoreLog } from '../../persistence/connect.ts';

const pauseMs = 500;

/** Tries again until it works. @throws the signal's reason */
export async function untilItWorks<T>(
  what: string,
  work: () => Promise<T>,
  log: StoreLog,
  signal: AbortSignal,
): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      log.warn({ err: error }, `cannot ${what}; it is tried again`);
    }
    await pause(pauseMs, undefined, { signal });
  }
}
