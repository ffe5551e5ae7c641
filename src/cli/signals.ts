// SIGINT, SIGTERM and SIGHUP as an AbortSignal, so that a command ends what it started before it ends itself.

export interface Interruption extends Disposable {
  readonly signal: AbortSignal;
  abort(reason: string): void;
}

/** Listens until disposed of. A second signal ends the process at once. */
export function untilInterrupted(): Interruption {
  const controller = new AbortController();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const onSignal = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort(`stopped by ${name}`);
  };
  for (const name of signals) process.on(name, onSignal);
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    [Symbol.dispose]: () => {
      for (const name of signals) process.off(name, onSignal);
    },
  };
}
