// One message before it has its envelope.
import type { EventType } from '../catalogue.ts';

export interface Message {
  readonly type: EventType;
  /** Held against its schema when the envelope is made. */
  readonly data: Readonly<Record<string, unknown>>;
}

export function message(type: EventType, data: Readonly<Record<string, unknown>>): Message {
  return { type, data };
}

/** @param at milliseconds since 1970 */
export function timeOf(at: number): string {
  return new Date(at).toISOString();
}

export function timeOrNull(at: number | null): string | null {
  return at === null ? null : timeOf(at);
}
