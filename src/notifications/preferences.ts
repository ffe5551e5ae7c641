// What a customer wants to be told, and by which channels.
import type { StoredPreferences } from '../persistence/notifications/store.ts';
import { type MessageKind, messageKinds } from './rules.ts';

export const customerChannels = ['mail'] as const;
export type CustomerChannel = (typeof customerChannels)[number];

export interface Preferences {
  readonly channels: readonly CustomerChannel[];
  readonly kinds: readonly MessageKind[];
}

/** Whoever has chosen nothing is told everything. */
export const usualPreferences: Preferences = { channels: customerChannels, kinds: messageKinds };

/** @param stored null: nothing was chosen */
export function preferencesOf(stored: StoredPreferences | null): Preferences {
  if (stored === null) return usualPreferences;
  return {
    channels: customerChannels.filter((channel) => stored.channels.includes(channel)),
    kinds: messageKinds.filter((kind) => stored.kinds.includes(kind)),
  };
}

export function wants(
  { channels, kinds }: Preferences,
  channel: CustomerChannel,
  kind: MessageKind,
): boolean {
  return channels.includes(channel) && kinds.includes(kind);
}
