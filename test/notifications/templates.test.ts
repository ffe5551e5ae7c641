// Every message, word for word: as a webhook has it, which knows the event alone, and as a mail has it.
import { describe, expect, test } from 'vitest';
import { composed } from '../../src/notifications/message.ts';
import { ruleOf, rules, templateNames } from '../../src/notifications/rules.ts';
import { render } from '../../src/notifications/templates.ts';
import { someOrder } from './support/contacts.ts';
import { Events } from './support/events.ts';

const orderId = '33333333-3333-4333-8333-333333333333';
const warehouseId = '22222222-2222-4222-8222-222222222222';
const shipmentId = someOrder.shipments[0]?.id ?? '';
const events = new Events();
const known = { name: 'Ada', order: someOrder };

const goods = `6 × 85123A: 15.30 GBP
1 × <b>71053</b>: 3.39 GBP
Total: 18.69 GBP
`;

const samples = {
  order_confirmed: {
    event: events.confirmed(orderId, null),
    subject: `Order ${orderId} is confirmed`,
    said: `Order ${orderId} is confirmed, and everything in it is set aside. We will write again when it leaves the warehouse.\n`,
    more: `\n${goods}`,
  },
  order_back_ordered: {
    event: events.statusChanged(orderId, null, 'reserving_stock', 'back_ordered'),
    subject: `Order ${orderId} waits for stock`,
    said: `Some of what order ${orderId} asks for is out of stock. The order keeps its place in line, and nothing is charged until everything is there.\n`,
    more: `\nIt is expected on 1 March 2026.\n\n${goods}`,
  },
  order_shipped: {
    event: events.dispatched(orderId, shipmentId),
    subject: `A shipment of order ${orderId} is on its way`,
    said: `A shipment of order ${orderId} has left the warehouse.\n`,
    more: '\nCarrier: Royal Mail, tracking number RM 123.\n\n6 × 85123A\n',
  },
  order_delivered: {
    event: events.statusChanged(orderId, null, 'shipped', 'delivered'),
    subject: `Order ${orderId} has been delivered`,
    said: `Everything of order ${orderId} has been delivered.\n`,
    more: `\n${goods}`,
  },
  order_cancelled: {
    event: events.cancelled(orderId, null),
    subject: `Order ${orderId} is cancelled`,
    said: `Order ${orderId} is cancelled, as you asked.\n\nWhat was set aside for it is released, and whatever was charged for it is paid back.\n`,
    more: `\n${goods}`,
  },
  payment_failed: {
    event: events.paymentFailed(orderId),
    subject: `The payment for order ${orderId} failed`,
    said: `The payment of 12.50 GBP for order ${orderId} was declined. Nothing was charged.\n`,
    more: '',
  },
  low_stock: {
    event: events.lowStock('85123A'),
    subject: 'Low stock: 85123A',
    said: `85123A: 2 available in warehouse ${warehouseId}, which is below the threshold of 5.\n`,
    more: '',
  },
  back_in_stock: {
    event: events.backInStock('85123A'),
    subject: 'Back in stock: 85123A',
    said: `85123A: 12 available in warehouse ${warehouseId} again; the threshold is 10.\n`,
    more: '',
  },
} as const;

describe.each(templateNames)('%s', (template) => {
  const { event, subject, said, more } = samples[template];

  test('comes from its event', () => {
    expect(ruleOf(event)?.template).toBe(template);
  });

  test('says to a webhook what the event does', () => {
    expect(render(template, event)).toMatchObject({ subject, text: said });
  });

  test('says in a mail what Logistics knows besides', () => {
    const { text, html } = render(template, event, known);
    expect(text).toBe(`Hello Ada,\n\n${said}${more}`);
    expect(html).toContain('<p>Hello Ada,</p>');
    expect(html).not.toContain('<b>');
  });
});

test('the HTML, whole', () => {
  const { event } = samples.order_confirmed;
  expect(render('order_confirmed', event, { ...known, name: '<i>A & "B"</i>' }).html).toBe(`<!doctype html>
<html lang="en"><body>
<p>Hello &lt;i&gt;A &amp; &quot;B&quot;&lt;/i&gt;,</p>
<p>Order ${orderId} is confirmed, and everything in it is set aside. We will write again when it leaves the warehouse.</p>
<ul>
<li>6 × 85123A: 15.30 GBP</li>
<li>1 × &lt;b&gt;71053&lt;/b&gt;: 3.39 GBP</li>
<li>Total: 18.69 GBP</li>
</ul>
</body></html>
`);
});

test.each([
  ['shop', ' by the shop'],
  ['payment', ', since it could not be paid'],
  ['stock', ', since it could not be served from stock'],
  ['timeout', ', since it could not be completed in time'],
  ['system', ''],
])('cancelled by %s', (by, why) => {
  const { text } = render('order_cancelled', events.cancelled(orderId, null, by));
  expect(text).toContain(`Order ${orderId} is cancelled${why}.`);
});

test('other changes of state are no news', () => {
  for (const to of ['processing', 'reserving_stock', 'shipped', 'cancelled']) {
    expect(ruleOf(events.statusChanged(orderId, null, 'created', to))).toBeNull();
  }
  expect(Object.values(rules).length).toBe(templateNames.length);
});

test('many goods are counted, not listed', () => {
  const many = Array.from({ length: 2_000 }, (_, index) => ({ sku: `SKU-${index}`, quantity: 1 }));
  const { text } = composed({ subject: '', paragraphs: ['Goods:'], goods: many });
  expect(text.split('\n').length).toBe(54);
  expect(text).toContain('and 1950 more');
});

test('a shipment that Logistics does not know is told without its carrier', () => {
  const event = events.dispatched(orderId, '55555555-5555-4555-8555-555555555555');
  expect(render('order_shipped', event, known).text).toBe(
    `Hello Ada,\n\nA shipment of order ${orderId} has left the warehouse.\n`,
  );
});

test('an event of another template is a fault', () => {
  expect(() => render('low_stock', samples.order_confirmed.event)).toThrow(TypeError);
});
