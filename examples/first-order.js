// A first order over REST, on any Node from 20: a warehouse, an item with ten units, and an order for three of them.
// Run `npm start` first, then `node examples/first-order.js [URL]`.
const base = process.argv[2] ?? 'http://127.0.0.1:8080';

/** Every POST may carry an idempotency key: sent again, it is answered again, and nothing is made twice. */
async function call(method, path, key, body) {
  const response = await fetch(`${base}${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...(key === null ? {} : { 'idempotency-key': key }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${answer.detail}`);
  return answer;
}

const warehouse = await call('POST', '/v1/warehouses', 'first-order/warehouse', {
  name: 'Main',
  location: 'Leeds',
});
await call('POST', '/v1/items', 'first-order/item', {
  sku: 'MUG-RED',
  name: 'A red mug',
  initialLevels: [{ warehouseId: warehouse.id, quantity: 10 }],
});
const order = await call('POST', '/v1/orders', 'first-order/1', {
  items: [{ sku: 'MUG-RED', quantity: 3, unitPrice: { amount: '4.95', currency: 'GBP' } }],
  shippingAddress: {
    recipientName: 'Ada Lovelace',
    line1: '12 High Street',
    city: 'Hull',
    countryCode: 'GB',
  },
  paymentMethod: 'tok_approve',
});
const [level] = (await call('GET', '/v1/levels?sku=MUG-RED', null)).levels;
const { status, totalAmount, payments } = order;
const paid = payments.map((payment) => payment.status);
console.log(
  JSON.stringify(
    { status, totalAmount, paid, stock: { quantity: level.quantity, allocated: level.allocated } },
    null,
    2,
  ),
);
