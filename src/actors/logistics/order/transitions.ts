// The states of an order and the ways between them: the one table that the behaviour heeds, the docs list and the picture
// (docs/order-states.svg) is drawn from.

export const orderStatuses = [
  'created',
  'processing',
  'reservingStock',
  'confirmed',
  'backOrdered',
  'shipped',
  'delivered',
  'cancelled',
] as const;
export type OrderStatus = (typeof orderStatuses)[number];

export interface Transition {
  readonly from: OrderStatus;
  readonly to: OrderStatus;
  /** What leads there. */
  readonly when: string;
}

export const transitions: readonly Transition[] = [
  { from: 'created', to: 'processing', when: 'the payment is being authorized' },
  { from: 'created', to: 'cancelled', when: 'the customer cancels' },
  { from: 'processing', to: 'reservingStock', when: 'the payment is authorized' },
  { from: 'processing', to: 'cancelled', when: 'the payment failed' },
  { from: 'reservingStock', to: 'reservingStock', when: 'the hold expired while we were down' },
  { from: 'reservingStock', to: 'confirmed', when: 'the reservation is committed' },
  { from: 'reservingStock', to: 'backOrdered', when: 'too little stock, or others wait for it' },
  { from: 'backOrdered', to: 'reservingStock', when: 'stock arrived and it is its turn' },
  { from: 'backOrdered', to: 'cancelled', when: 'the customer cancels, or it waited too long' },
  { from: 'confirmed', to: 'shipped', when: 'all lines have left' },
  {
    from: 'confirmed',
    to: 'cancelled',
    when: 'the customer cancels before shipping, or the capture is declined',
  },
  { from: 'shipped', to: 'delivered', when: 'all shipments have arrived' },
];

const allowed: ReadonlySet<string> = new Set(transitions.map(({ from, to }) => `${from}>${to}`));

export function mayMove(from: OrderStatus, to: OrderStatus): boolean {
  return allowed.has(`${from}>${to}`);
}
