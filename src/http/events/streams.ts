// The event streams that are open: a bounded number, and all of them end when the server stops.
import { Refused } from '../../api/errors.ts';

export class EventStreams {
  readonly #ends = new Set<() => void>();
  readonly #streamsMax: number;
  #stopping = false;

  constructor(streamsMax: number) {
    this.#streamsMax = streamsMax;
  }

  get open(): number {
    return this.#ends.size;
  }

  /**
   * @param end called when the server stops
   * @returns to be called when the stream is over
   * @throws Refused (overloaded, unavailable)
   */
  begin(end: () => void): () => void {
    if (this.#stopping) throw new Refused(stopping);
    if (this.#ends.size >= this.#streamsMax) throw new Refused(tooMany);
    this.#ends.add(end);
    return () => this.#ends.delete(end);
  }

  stop(): void {
    this.#stopping = true;
    for (const end of [...this.#ends]) end();
  }
}

const stopping = { code: 'unavailable', message: 'the server is stopping' } as const;
const tooMany = { code: 'overloaded', message: 'too many event streams are open' } as const;
