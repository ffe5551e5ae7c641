// What became of one attempt. Reasons are words of ours: what a target answered, or an address, never gets into them.

export type Outcome =
  | { readonly is: 'sent' }
  /** It is not to be sent. */
  | { readonly is: 'skipped'; readonly reason: string }
  /** Trying again would not help. */
  | { readonly is: 'failed'; readonly reason: string }
  | Later;

export interface Later {
  readonly is: 'later';
  readonly reason: string;
  /** When, where the target said; null: as usual. */
  readonly afterMs: number | null;
  /** Whether nothing else would get through to the target either. */
  readonly isTargetAway: boolean;
}

/** @param code such as ECONNREFUSED; of anything else nothing is told */
export function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,40}$/.test(code) ? code : 'unknown error';
}

/**
 * Exponential, and never the same for all that wait.
 * @param tries that have failed, from 0
 * @param random in [0, 1)
 */
export function backOffMs(
  tries: number,
  bounds: { readonly min: number; readonly max: number },
  random: number,
): number {
  const whole = Math.min(bounds.min * 2 ** Math.min(tries, 30), bounds.max);
  return Math.ceil(whole * (0.5 + random / 2));
}
