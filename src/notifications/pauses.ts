// The waiting of a loop and its helpers: idle until it is woken or a time has passed, or paused, which nothing but the end
// cuts short. Being woken while it is at work is remembered, so nothing that comes in between is missed.

export class Pauses {
  #isWoken = false;
  #isStopped = false;
  /** Of everything that waits. */
  readonly #ends = new Set<() => void>();
  #endIdling: (() => void) | null = null;

  get isStopped(): boolean {
    return this.#isStopped;
  }

  wake(): void {
    this.#isWoken = true;
    this.#endIdling?.();
  }

  stop(): void {
    this.#isStopped = true;
    for (const end of this.#ends) end();
  }

  /** For one at a time. */
  async idle(ms: number): Promise<void> {
    if (!this.#isWoken) {
      await this.#wait(ms, (end) => {
        this.#endIdling = end;
      });
      this.#endIdling = null;
    }
    this.#isWoken = false;
  }

  pause(ms: number): Promise<void> {
    return this.#wait(ms, () => {});
  }

  #wait(ms: number, begun: (end: () => void) => void): Promise<void> {
    if (this.#isStopped) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#ends.delete(end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      this.#ends.add(end);
      begun(end);
    });
  }
}
