// What an ingress thread wants to know of the process as a whole, and waits for the main thread to say.

/** How long it waits; then nobody can say. */
const waitMsMax = 5_000;
const openMax = 1_024;

export class Wondering {
  readonly #send: (id: number, question: unknown) => void;
  readonly #open = new Map<number, (answer: unknown) => void>();
  #lastId = 0;

  constructor(send: (id: number, question: unknown) => void) {
    this.#send = send;
  }

  /** @returns null where nobody can say */
  ask(question: unknown): Promise<unknown> {
    if (this.#open.size >= openMax) return Promise.resolve(null);
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.told(id, null), waitMsMax);
      this.#open.set(id, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      this.#send(id, question);
    });
  }

  told(id: number, answer: unknown): void {
    const resolve = this.#open.get(id);
    this.#open.delete(id);
    resolve?.(answer);
  }
}
