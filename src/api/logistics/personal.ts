// Personal data of orders and customers: what is sealed, and what of it can still be read.
import type { OrderView } from '../../actors/logistics/order/model.ts';
import { isText, nullable, objectOf, type Shape } from '../../actors/shape.ts';
import { Refused } from '../errors.ts';
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

const somethingElse = 'something else was sealed than what is opened';

/**
 * Under whose key is sealed what is personal of an order: the customer's, or the guest's order's own. The two never meet, though
 * an order may have the id of a customer.
 */
export function ownerOf({ id, customerId }: { readonly id: string; readonly customerId: string }): string {
  return customerId === '' ? `order/${id}` : customerId;
}

export interface OpenedOrder {
  /** With the reasons that people gave; '' where they can no longer be read. */
  readonly view: OrderView;
  /** Null where the key is gone. */
  readonly personal: OrderPersonal | null;
}

/** Reasons stand among texts of ours, which are not sealed. */
const sealedMark = 'sealed:';

/** What people write into a reason may say anything of anybody. Where the key is gone already nothing is kept of it. */
export async function sealReason(vault: Vault, owner: string, reason: string): Promise<string> {
  if (reason === '') return '';
  try {
    return `${sealedMark}${await vault.seal(owner, reason)}`;
  } catch (thrown) {
    if (thrown instanceof Refused && thrown.failure.code === 'customer-not-found') return '';
    throw thrown;
  }
}

/** In the order given. @throws StoreError */
export async function openOrders(vault: Vault, views: readonly OrderView[]): Promise<readonly OpenedOrder[]> {
  const asked = views.map((view) => ({ view, texts: [view.sealed, ...sealedReasons(view)] }));
  const sealed = asked.flatMap(({ view, texts }) => {
    const owner = ownerOf(view);
    return texts.map((text) => ({ owner, text }));
  });
  const opened = (await vault.open(sealed)).values();
  return asked.map(({ view, texts }) => {
    const [personal = null, ...reasons] = texts.map(() => opened.next().value ?? null);
    if (personal !== null && !isOrderPersonal(personal)) throw new TypeError(somethingElse);
    const [, ...sealedTexts] = texts;
    return { view: withReasons(view, new Map(sealedTexts.map((text, at) => [text, reasons[at]]))), personal };
  });
}

/** The reasons alone, where there are any. @throws StoreError */
export async function openReasons(vault: Vault, view: OrderView): Promise<OrderView> {
  if (sealedReasons(view).length === 0) return view;
  const [opened] = await openOrders(vault, [view]);
  return opened?.view ?? view;
}

function reasonsOf({ cancel, history, restCancel, returns }: OrderView): readonly string[] {
  const { reason = '' } = cancel ?? restCancel ?? {};
  return [reason, ...history.map(({ why }) => why), ...returns.map((each) => each.reason)];
}

function sealedReasons(view: OrderView): readonly string[] {
  const marked = reasonsOf(view).filter((reason) => reason.startsWith(sealedMark));
  return [...new Set(marked)].map((reason) => reason.slice(sealedMark.length));
}

function withReasons(view: OrderView, opened: ReadonlyMap<string, unknown>): OrderView {
  if (opened.size === 0) return view;
  const open = (text: string): string => {
    if (!text.startsWith(sealedMark)) return text;
    const reason = opened.get(text.slice(sealedMark.length));
    return typeof reason === 'string' ? reason : '';
  };
  const { cancel, history, restCancel, returns } = view;
  return {
    ...view,
    cancel: cancel === null ? null : { ...cancel, reason: open(cancel.reason) },
    restCancel: restCancel === null ? null : { ...restCancel, reason: open(restCancel.reason) },
    history: history.map((entry) => ({ ...entry, why: open(entry.why) })),
    returns: returns.map((each) => ({ ...each, reason: open(each.reason) })),
  };
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
    throw new TypeError(somethingElse);
  });
}
