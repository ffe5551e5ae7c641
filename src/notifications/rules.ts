// Which events notify whom, of what. Each event here is also posted to every webhook.
import type { PublishedEvent } from '../events/event.ts';

/** Who a mail goes to. */
export type Audience = 'customer' | 'shop';

/** What customers choose among. */
export const messageKinds = ['orders', 'shipments', 'payments'] as const;
export type MessageKind = (typeof messageKinds)[number];

export const templateNames = [
  'order_confirmed',
  'order_back_ordered',
  'order_shipped',
  'order_delivered',
  'order_cancelled',
  'payment_failed',
  'low_stock',
  'back_in_stock',
] as const;
export type TemplateName = (typeof templateNames)[number];

export type Rule =
  | { readonly template: TemplateName; readonly audience: 'customer'; readonly kind: MessageKind }
  | { readonly template: TemplateName; readonly audience: 'shop' };

/** By the type of the event; of a change of an order's state also by the state. */
export const rules = {
  'OrderStatusChanged to confirmed': { template: 'order_confirmed', audience: 'customer', kind: 'orders' },
  'OrderStatusChanged to back_ordered': {
    template: 'order_back_ordered',
    audience: 'customer',
    kind: 'orders',
  },
  ShipmentDispatched: { template: 'order_shipped', audience: 'customer', kind: 'shipments' },
  'OrderStatusChanged to delivered': { template: 'order_delivered', audience: 'customer', kind: 'shipments' },
  OrderCancelled: { template: 'order_cancelled', audience: 'customer', kind: 'orders' },
  PaymentFailed: { template: 'payment_failed', audience: 'customer', kind: 'payments' },
  LowStock: { template: 'low_stock', audience: 'shop' },
  BackInStock: { template: 'back_in_stock', audience: 'shop' },
} as const satisfies Readonly<Record<string, Rule>>;

/** Null: nobody is notified. */
export function ruleOf(event: PublishedEvent): Rule | null {
  const name = event.type === 'OrderStatusChanged' ? `${event.type} to ${event.data.to}` : event.type;
  return isRuled(name) ? rules[name] : null;
}

function isRuled(name: string): name is keyof typeof rules {
  return Object.hasOwn(rules, name);
}
