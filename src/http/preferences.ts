// The Prefer header (RFC 7240): how long the client is willing to wait, and whether it would rather not. What is unknown
// or malformed is ignored, as the RFC demands of preferences.
import { httpLimits as limits } from './limits.ts';

export interface Preferences {
  /** Null: none that is honoured. */
  readonly waitSeconds: number | null;
  readonly respondAsync: boolean;
}

export function preferencesOf(header: string): Preferences {
  let waitSeconds: number | null = null;
  let respondAsync = false;
  for (const preference of header.split(',')) {
    const [token = ''] = preference.split(';');
    const [name = '', value = ''] = token.split('=').map((part) => part.trim());
    if (name.toLowerCase() === 'respond-async') respondAsync = true;
    // The first of several counts.
    if (name.toLowerCase() === 'wait') waitSeconds ??= secondsOf(value);
  }
  return { waitSeconds, respondAsync };
}

function secondsOf(value: string): number | null {
  const seconds = /^"?(\d{1,9})"?$/.exec(value)?.[1];
  const wait = Number(seconds ?? 0);
  return wait >= 1 && wait <= limits.preferredWaitSecondsMax ? wait : null;
}
