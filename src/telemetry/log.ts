// JSON logs by pino, straight to stdout from whichever thread writes them.
import pino, { type Logger } from 'pino';

export type { Logger };

/** @param name of the thread, in every line */
export function createLogger(level: string, name: string): Logger {
  return pino(
    {
      level,
      base: { thread: name },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({ fd: 1, sync: true }),
  );
}
