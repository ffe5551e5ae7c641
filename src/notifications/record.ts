// What people ask of the notification service: what was sent, to try again what failed, and what a customer wants to be told.
import type { NotificationDeps } from '../api/notifications/deps.ts';
import type { NotificationStore } from '../persistence/notifications/store.ts';
import { type Contacts, ContactsAway } from './contacts.ts';
import type { NotificationLimits } from './limits.ts';
import { preferencesOf } from './preferences.ts';

export interface RecordDeps {
  readonly store: NotificationStore;
  readonly contacts: Contacts | null;
  /** Those that there are. */
  readonly targets: readonly string[];
  readonly wake: (targets: ReadonlySet<string>) => void;
  readonly limits: NotificationLimits;
}

export function openRecord({ store, contacts, targets, wake, limits }: RecordDeps): NotificationDeps {
  return {
    list: (question) => store.list(question),
    async retry(id) {
      const outcome = await store.retry(id, targets, limits.patienceMs);
      if (outcome?.isRetried === true) wake(new Set([outcome.row.target]));
      return outcome;
    },
    async preferences(customerId) {
      return (await whyNot(customerId, contacts)) ?? preferencesOf(await store.readPreferences(customerId));
    },
    async setPreferences(customerId, preferences) {
      const problem = await whyNot(customerId, contacts);
      if (problem !== null) return problem;
      await store.writePreferences(customerId, preferences);
      return preferences;
    },
  };
}

/** Nothing is kept about somebody who does not exist, or was erased. */
async function whyNot(
  customerId: string,
  contacts: Contacts | null,
): Promise<'no-customer' | 'unavailable' | null> {
  if (contacts === null) return 'unavailable';
  try {
    return (await contacts.ofCustomer(customerId)) === null ? 'no-customer' : null;
  } catch (error) {
    if (!(error instanceof ContactsAway)) throw error;
    return 'unavailable';
  }
}
