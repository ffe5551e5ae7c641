// Refuses clients that ask more often than they may. Processes may share what they count; each counts for itself too, so
// that a client that asks too often costs no question to the others, and the limit goes on holding when they do not answer.
import { processNow } from '../../runtime/ask.ts';
import { httpLimits } from '../limits.ts';
import { Allowances, type Rate } from './allowances.ts';

/** What processes count together. */
export interface SharedAllowance {
  readonly isUp: boolean;
  /** @returns milliseconds to wait; 0: admitted, and counted; null: it does not answer. Soon, and never rejects. */
  take(client: string): Promise<number | null>;
}

export interface ClientLimiterOptions {
  readonly rate: Rate;
  readonly shared?: SharedAllowance;
  /** Called for each request that is refused. */
  readonly observe?: () => void;
  readonly now?: () => number;
}

export class ClientLimiter {
  readonly #options: ClientLimiterOptions;
  readonly #now: () => number;
  readonly #own: Allowances;

  constructor(options: ClientLimiterOptions) {
    this.#options = options;
    this.#now = options.now ?? processNow;
    this.#own = new Allowances(options.rate, httpLimits.knownClientsMax);
  }

  /** @returns milliseconds to wait; 0: the request is admitted, and counted */
  async take(address: string | undefined): Promise<number> {
    const waitMs = await this.#take(clientOf(address ?? ''));
    if (waitMs > 0) this.#options.observe?.();
    return waitMs;
  }

  async #take(client: string): Promise<number> {
    const at = this.#now();
    // What was counted here was counted together with the others', so who may not ask by this may not by that.
    const ownWaitMs = this.#own.waitOf(client, at);
    if (ownWaitMs > 0) return ownWaitMs;
    const { shared } = this.#options;
    const sharedWaitMs = shared?.isUp === true ? await shared.take(client) : null;
    if (sharedWaitMs === null) return this.#takeOwn(client);
    if (sharedWaitMs === 0) this.#own.count(client, at);
    return sharedWaitMs;
  }

  #takeOwn(client: string): number {
    const at = this.#now();
    const waitMs = this.#own.waitOf(client, at);
    if (waitMs === 0) this.#own.count(client, at);
    return waitMs;
  }
}

/** An address of IPv6 by its first 64 bits: the rest one client chooses as it likes. */
export function clientOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - first.length - last.length;
  const groups = [...first, ...Array.from({ length: zeros }, () => '0'), ...last];
  return `${groups.slice(0, 4).join(':')}::/64`;
}
