// The breaker in front of another process: when so many calls in a row were not answered, no further ones are made for a
// while; then a single one is let through, and decides. Meanwhile callers are refused at once, instead of waiting each
// for its own deadline.
//
// Only what says that nobody is there counts: 'unavailable' and 'deadline-exceeded'. Any other answer, a refusal too, is
// a sign of life.
import {
  BrokenCircuitError,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhenResult,
} from 'cockatiel';
import type { Logger } from 'pino';
import type { EdgeFailure } from '../../api/errors.ts';
import type { RemoteLimits } from './limits.ts';

/** How one try of one call ended. */
export type Tried = { readonly answer: Buffer } | { readonly failure: EdgeFailure };

export class Breaker {
  readonly #policy;

  constructor(limits: RemoteLimits, log: Logger) {
    this.#policy = circuitBreaker(handleWhenResult(isSilence), {
      breaker: new ConsecutiveBreaker(limits.breakerFailuresMax),
      halfOpenAfter: limits.breakerOpenMs,
    });
    this.#policy.onBreak(() => log.warn('Inventory does not answer: calls are refused until it does'));
    this.#policy.onReset(() => log.info('Inventory answers again'));
  }

  /** Whether calls are refused, or only let through to see whether they need be. */
  get isOpen(): boolean {
    return this.#policy.state !== CircuitState.Closed;
  }

  /** @returns null where it is not even tried */
  async run(attempt: () => Promise<Tried>): Promise<Tried | null> {
    // cockatiel would have all others wait for the one that is let through, however long that takes.
    if (this.#policy.state === CircuitState.HalfOpen) return null;
    try {
      return await this.#policy.execute(attempt);
    } catch (thrown) {
      if (thrown instanceof BrokenCircuitError) return null;
      throw thrown;
    }
  }
}

function isSilence(tried: unknown): boolean {
  if (typeof tried !== 'object' || tried === null || !('failure' in tried)) return false;
  const { failure } = tried;
  return (
    typeof failure === 'object' &&
    failure !== null &&
    'code' in failure &&
    (failure.code === 'unavailable' || failure.code === 'deadline-exceeded')
  );
}
