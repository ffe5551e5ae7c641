// Contacts, asked of Logistics over gRPC, with a deadline for each call. What it does not answer is asked again with the
// next attempt at the mail.
import { type Client, Metadata, type ServiceError } from '@grpc/grpc-js';
import { formatAmount, minorDigits, money } from '../actors/logistics/money.ts';
import { openClient, targetOf } from '../effects/inventory/channel.ts';
import { remoteLimits } from '../effects/inventory/limits.ts';
import { failureOfStatus } from '../effects/inventory/told-failure.ts';
import { Status } from '../generated/google/rpc/status.ts';
import {
  CustomerResponse,
  GetCustomerRequest,
  GetOrderRequest,
  type Order,
  type OrderItem,
  OrderResponse,
  type Money as WireMoney,
} from '../generated/synkro/logistics/v1/logistics.ts';
import { type Contact, type Contacts, ContactsAway, type OrderContact, type OrderFacts } from './contacts.ts';
import type { Good } from './message.ts';

const logisticsService = '/synkro.logistics.v1.LogisticsService/';

export interface ContactsOptions {
  /** See `targetOf`. */
  readonly url: string;
  /** One call. */
  readonly callMsMax: number;
}

/** Connects when it is first asked. @throws RangeError where the address cannot be one */
export function contactsOverGrpc({ url, callMsMax }: ContactsOptions): Contacts {
  const client = openClient(targetOf(url), remoteLimits);
  const call = (method: string, request: Uint8Array) => ask(client, method, request, callMsMax);
  const ofCustomer = async (id: string): Promise<Contact | null> => {
    const bytes = await call('GetCustomer', GetCustomerRequest.encode({ id }).finish());
    const customer = bytes === null ? undefined : decoded(CustomerResponse, bytes).customer;
    return customer === undefined
      ? null
      : { customerId: customer.id, name: customer.name, email: customer.email };
  };
  return {
    ofCustomer,
    async ofOrder(orderId) {
      const bytes = await call('GetOrder', GetOrderRequest.encode({ orderId }).finish());
      const order = bytes === null ? undefined : decoded(OrderResponse, bytes).order;
      if (order === undefined) return null;
      return { order: factsOf(order), customer: await customerOf(order, ofCustomer) };
    },
    close: async () => client.close(),
  };
}

async function customerOf(
  { customerId }: Order,
  ofCustomer: Contacts['ofCustomer'],
): Promise<OrderContact['customer']> {
  if (customerId === '') return 'guest';
  return (await ofCustomer(customerId)) ?? 'erased';
}

/** @returns null: Logistics says that there is none. @throws ContactsAway */
function ask(client: Client, method: string, request: Uint8Array, msMax: number): Promise<Buffer | null> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      `${logisticsService}${method}`,
      (bytes: Uint8Array) => Buffer.from(bytes),
      (bytes: Buffer) => bytes,
      request,
      new Metadata(),
      { deadline: Date.now() + msMax },
      (error, answer) => {
        if (error === null && answer !== undefined) resolve(answer);
        else if (isNoneThere(error)) resolve(null);
        else reject(new ContactsAway(`${method}: status ${error?.code ?? 'unknown'}`));
      },
    );
  });
}

/** Of a NOT_FOUND that is not Logistics' own, such as a proxy's, nothing follows. */
function isNoneThere(error: ServiceError | null): boolean {
  const bytes = error?.metadata?.get('grpc-status-details-bin')[0];
  if (!Buffer.isBuffer(bytes)) return false;
  try {
    const code = failureOfStatus(Status.decode(bytes))?.code;
    return code === 'order-not-found' || code === 'customer-not-found';
  } catch {
    return false;
  }
}

function decoded<T>(type: { decode(bytes: Uint8Array): T }, bytes: Uint8Array): T {
  try {
    return type.decode(bytes);
  } catch {
    throw new ContactsAway('Logistics answered something else');
  }
}

function factsOf({ items, totalAmount, shipments, estimatedAvailability }: Order): OrderFacts {
  return {
    goods: items.map(goodOf),
    total: priceOf(totalAmount),
    shipments: shipments.map(({ id, carrier, trackingNumber, items: shipped }) => ({
      id,
      carrier,
      trackingNumber,
      goods: shipped.map(({ sku, quantity }) => ({ sku, quantity: Number(quantity) })),
    })),
    expectedAt: estimatedAvailability ?? null,
  };
}

function goodOf({ sku, quantity, totalPrice }: OrderItem): Good {
  return { sku, quantity: Number(quantity), price: priceOf(totalPrice) };
}

/** Such as `12.50 GBP`; exact. */
function priceOf(given: WireMoney | undefined): string {
  if (given === undefined) throw new ContactsAway('Logistics answered an order without an amount');
  const { currencyCode, units, nanos } = given;
  const digits = minorDigits(currencyCode);
  const minor = units * 10n ** BigInt(digits) + BigInt(nanos) / 10n ** BigInt(9 - digits);
  return `${formatAmount(money(currencyCode, minor))} ${currencyCode}`;
}
