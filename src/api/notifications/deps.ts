// What the routes of notifications need from outside: the notification service has it, and its tables keep it.

export const notificationStatuses = ['waiting', 'sent', 'failed', 'skipped'] as const;
export type NotificationStatus = (typeof notificationStatuses)[number];
export const notificationChannels = ['webhook', 'mail'] as const;
export type NotificationChannel = (typeof notificationChannels)[number];

/** Times are milliseconds since 1970. */
export interface NotificationView {
  readonly id: number;
  readonly eventId: string;
  readonly channel: NotificationChannel;
  readonly target: string;
  readonly template: string;
  readonly subject: string;
  readonly orderId: string | null;
  readonly customerId: string | null;
  readonly status: NotificationStatus;
  readonly attempts: number;
  readonly createdAt: number;
  readonly nextAt: number;
  readonly sentAt: number | null;
  readonly reason: string;
}

/** Newest first. Null: any. */
export interface NotificationsQuestion {
  readonly status: NotificationStatus | null;
  readonly channel: NotificationChannel | null;
  readonly orderId: string | null;
  readonly beforeId: number | null;
  readonly limit: number;
}

export const preferredChannels = ['mail'] as const;
export const preferredKinds = ['orders', 'shipments', 'payments'] as const;

export interface PreferencesView {
  readonly channels: readonly (typeof preferredChannels)[number][];
  readonly kinds: readonly (typeof preferredKinds)[number][];
}

/** Each has a deadline of its own. */
export interface NotificationDeps {
  list(question: NotificationsQuestion): Promise<readonly NotificationView[]>;
  /** Null: there is none. Not retried: it did not fail, or its target is gone. */
  retry(id: number): Promise<{ readonly isRetried: boolean; readonly row: NotificationView } | null>;
  /** unavailable: it cannot be found out whether there is such a customer. */
  preferences(customerId: string): Promise<PreferencesView | 'no-customer' | 'unavailable'>;
  setPreferences(
    customerId: string,
    preferences: PreferencesView,
  ): Promise<PreferencesView | 'no-customer' | 'unavailable'>;
}
