// One signal out of several and a time. Lets go of the others when it is released: those may live much longer.

export class Ending {
  readonly #controller = new AbortController();
  readonly #sources: readonly AbortSignal[];
  readonly #timer: NodeJS.Timeout;
  readonly #end = () => this.#controller.abort(new Error('the request was given up'));

  /** @param ms until it is given by itself */
  constructor(ms: number, sources: readonly AbortSignal[]) {
    this.#sources = sources;
    this.#timer = setTimeout(() => this.#controller.abort(new Error(`no answer within ${ms} ms`)), ms);
    for (const source of sources) {
      source.addEventListener('abort', this.#end);
      if (source.aborted) this.#end();
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  release(): void {
    clearTimeout(this.#timer);
    for (const source of this.#sources) source.removeEventListener('abort', this.#end);
  }
}
