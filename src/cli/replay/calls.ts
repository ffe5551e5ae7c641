// The calls of a replay, measured: what a caller waits for, all tries and the pauses between them.
import type { ServiceCaller, UnaryMethod } from '../client.ts';
import type { Step, Tally } from './tally.ts';

export class Calls {
  readonly #caller: ServiceCaller;
  readonly #tally: Tally;

  constructor(caller: ServiceCaller, tally: Tally) {
    this.#caller = caller;
    this.#tally = tally;
  }

  /** @throws CallError */
  async call<Q, A>(step: Step, method: UnaryMethod<Q, A>, request: Q): Promise<A> {
    const startedAt = performance.now();
    const answer = await this.#caller.call(method, request);
    this.#tally.latency[step].record(performance.now() - startedAt);
    return answer;
  }
}

/** The answer says that the record cannot go on, though the call itself worked. */
export class StepError extends Error {
  override readonly name = 'StepError';
}
