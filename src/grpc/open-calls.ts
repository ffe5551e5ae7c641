// The calls that are being answered: a server that stops waits for them, and tells those that would go on for ever.

export class OpenCalls {
  readonly #drainers = new Set<() => void>();
  #open = 0;
  #draining = false;
  #whenNone: (() => void)[] = [];

  /**
   * @param onDrain for calls that do not end by themselves: end soon
   * @returns to be called once, when the call is over
   */
  begin(onDrain: () => void = () => {}): () => void {
    this.#open += 1;
    this.#drainers.add(onDrain);
    if (this.#draining) queueMicrotask(onDrain);
    return () => {
      this.#drainers.delete(onDrain);
      this.#open -= 1;
      if (this.#open > 0) return;
      for (const resolve of this.#whenNone.splice(0)) resolve();
    };
  }

  /** Resolves when no call is open. */
  drain(): Promise<void> {
    this.#draining = true;
    for (const onDrain of [...this.#drainers]) onDrain();
    if (this.#open === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenNone.push(resolve));
  }
}
