// Who is behind an order, and what else a mail says of it. Events carry nothing of that: it is asked when a mail is sent,
// and not kept.
import type { Good } from './message.ts';

export interface Contact {
  readonly customerId: string;
  readonly name: string;
  /** '' where none is known. */
  readonly email: string;
}

export interface ShipmentFacts {
  readonly id: string;
  readonly carrier: string;
  readonly trackingNumber: string;
  readonly goods: readonly Good[];
}

/** Of an order as it is now. */
export interface OrderFacts {
  readonly goods: readonly Good[];
  readonly total: string;
  readonly shipments: readonly ShipmentFacts[];
  /** When what it waits for is expected; null where that is not known. */
  readonly expectedAt: Date | null;
}

export interface OrderContact {
  readonly order: OrderFacts;
  /** erased: all that was known of them is gone. */
  readonly customer: Contact | 'guest' | 'erased';
}

export interface Contacts {
  /**
   * @returns null: there is no such order
   * @throws ContactsAway
   */
  ofOrder(orderId: string): Promise<OrderContact | null>;
  /**
   * @returns null: there is no such customer, or no longer
   * @throws ContactsAway
   */
  ofCustomer(customerId: string): Promise<Contact | null>;
  close(): Promise<void>;
}

/** Logistics does not say, for now. */
export class ContactsAway extends Error {
  override readonly name = 'ContactsAway';
}
