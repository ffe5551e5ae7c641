// Personal data of orders and customers: what is sealed, and what of it can still be read.
import { isText, nullable, objectOf, type Shape } from '../../actors/shape.ts';
import { type Address, isAddress } from './address.ts';
import type { Vault } from './vault.ts';

export interface OrderPersonal {
  readonly address: Address | null;
  readonly notes: string;
}

export interface CustomerPersonal {
  readonly name: string;
  readonly email: string;
  readonly phone: string;
  readonly address: Address | null;
}

const isOrderPersonal = objectOf<OrderPersonal>({ address: nullable(isAddress), notes: isText });
const isCustomerPersonal = objectOf<CustomerPersonal>({
  name: isText,
  email: isText,
  phone: isText,
  address: nullable(isAddress),
});

/** Under whose key an order's address and notes are sealed: the customer's, or the guest's order's own. */
export function ownerOf({ id, customerId }: { readonly id: string; readonly customerId: string }): string {
  return customerId === '' ? id : customerId;
}

/** In the order given; null where the key is gone. @throws StoreError */
export function openOrders(
  vault: Vault,
  orders: readonly { readonly id: string; readonly customerId: string; readonly sealed: string }[],
): Promise<readonly (OrderPersonal | null)[]> {
  const sealed = orders.map((order) => ({ owner: ownerOf(order), text: order.sealed }));
  return openAll(vault, sealed, isOrderPersonal);
}

/** In the order given; null where the key is gone. @throws StoreError */
export function openCustomers(
  vault: Vault,
  customers: readonly { readonly id: string; readonly sealed: string }[],
): Promise<readonly (CustomerPersonal | null)[]> {
  const sealed = customers.map(({ id, sealed: text }) => ({ owner: id, text }));
  return openAll(vault, sealed, isCustomerPersonal);
}

async function openAll<T>(
  vault: Vault,
  sealed: Parameters<Vault['open']>[0],
  shape: Shape<T>,
): Promise<readonly (T | null)[]> {
  const opened = await vault.open(sealed);
  return opened.map((value) => {
    if (value === null || shape(value)) return value;
    throw new TypeError('something else was sealed than what is opened');
  });
}
