// Ends what is under way when a connection is closed. A set, where an AbortSignal would go through a list of all calls
// under way for each call that comes or goes.

export class Closing {
  readonly #enders = new Set<() => void>();
  #isClosed = false;

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** @param end called once, at once where it is closed already. @returns a function that calls it off */
  onClose(end: () => void): () => void {
    if (this.#isClosed) end();
    else this.#enders.add(end);
    return () => this.#enders.delete(end);
  }

  /** Resolves after the time, or when it is closed. */
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        callOff();
        resolve();
      }, ms);
      const callOff = this.onClose(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  close(): void {
    this.#isClosed = true;
    for (const end of this.#enders) end();
    this.#enders.clear();
  }
}
