// What Logistics knows, in memory.
import type { Contact, Contacts, OrderContact, OrderFacts } from '../../../src/notifications/contacts.ts';
import { ContactsAway } from '../../../src/notifications/contacts.ts';

export const someOrder: OrderFacts = {
  goods: [
    { sku: '85123A', quantity: 6, price: '15.30 GBP' },
    { sku: '<b>71053</b>', quantity: 1, price: '3.39 GBP' },
  ],
  total: '18.69 GBP',
  shipments: [
    {
      id: '44444444-4444-4444-8444-444444444444',
      carrier: 'Royal Mail',
      trackingNumber: 'RM 123',
      goods: [{ sku: '85123A', quantity: 6 }],
    },
  ],
  expectedAt: new Date('2026-03-01T00:00:00Z'),
};

export class KnownContacts implements Contacts {
  readonly orders = new Map<string, OrderContact>();
  readonly customers = new Map<string, Contact>();
  isAway = false;
  asked = 0;

  /** An order of a customer. */
  add(orderId: string, contact: Contact): void {
    this.customers.set(contact.customerId, contact);
    this.orders.set(orderId, { order: someOrder, customer: contact });
  }

  async ofOrder(orderId: string): Promise<OrderContact | null> {
    this.#ask();
    const found = this.orders.get(orderId);
    if (found === undefined || typeof found.customer === 'string') return found ?? null;
    return { ...found, customer: this.customers.get(found.customer.customerId) ?? 'erased' };
  }

  async ofCustomer(customerId: string): Promise<Contact | null> {
    this.#ask();
    return this.customers.get(customerId) ?? null;
  }

  async close(): Promise<void> {}

  #ask(): void {
    this.asked += 1;
    if (this.isAway) throw new ContactsAway('it is away');
  }
}
