// Requests that are in order, for tests to send or to spoil.
import {
  CreateCustomerRequest,
  CreateOrderRequest,
} from '../../../src/generated/synkro/logistics/v1/logistics.ts';
import { address, customerId } from '../../http/support/logistics-fakes.ts';
import { gbp } from './wire.ts';

export const item = {
  productId: '',
  sku: '85123A',
  quantity: 2n,
  unitPrice: gbp(2n, 550_000_000),
  totalPrice: undefined,
  lineId: '',
};

export const newOrder = CreateOrderRequest.create({
  customerId,
  items: [item, { ...item, sku: '71053', quantity: 1n, unitPrice: gbp(0n, 50_000_000) }],
  shippingAddress: address,
  paymentMethod: 'tok_approve',
  notes: 'at the back',
});

export const newCustomer = CreateCustomerRequest.create({
  name: 'Ada Lovelace',
  email: 'ada@example.org',
  phone: '+44 20 7946 0000',
  defaultAddress: address,
});
