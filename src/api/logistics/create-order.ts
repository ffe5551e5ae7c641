// CreateOrder: everything is looked up and sealed first, then the order is made, once, and waited for until it rests, or
// for as long as its caller can wait. What was reached by then is the answer: the order goes on by itself.
import type { AskedKey } from '../../actors/behaviour.ts';
import { failures } from '../../actors/failure.ts';
import type { OrderCommand } from '../../actors/logistics/order/messages.ts';
import type { NewOrder, OrderLine, OrderView } from '../../actors/logistics/order/model.ts';
import { CreateOrderRequest, OrderResponse } from '../../generated/synkro/logistics/v1/logistics.ts';
import { processNow } from '../../runtime/ask.ts';
import { Call } from '../call.ts';
import { Refused } from '../errors.ts';
import { fingerprintOf } from '../idempotency.ts';
import { linesOf } from '../naming.ts';
import { customerRef } from './customers.ts';
import type { LogisticsCall, LogisticsMethod } from './deps.ts';
import { isUnknownItem, knownItemsOf } from './known-items.ts';
import { logisticsLimits as limits } from './limits.ts';
import { claimKey, type MadeId, madeIdOf } from './made-ids.ts';
import { type AskedOrder, type OrderContent, readNewOrder } from './new-order.ts';
import { orderRef } from './orders.ts';
import { openOrders, openReasons, ownerOf } from './personal.ts';
import { orderMessage } from './present.ts';
import { isCustomerView, isOrderView } from './views.ts';

type Create = Extract<OrderCommand, { type: 'create' }>;

/** An order that only has to be made. */
interface Ready {
  readonly id: string;
  readonly command: Create;
  readonly receipt: AskedKey | null;
  readonly content: OrderContent;
}

type Asked = AskedOrder & MadeId;

/** Answered when the order rests, or with what it has reached shortly before the caller's deadline. */
export const createOrder: LogisticsMethod<CreateOrderRequest, OrderResponse> = {
  name: 'CreateOrder',
  request: CreateOrderRequest,
  response: OrderResponse,
  async handle(request, call) {
    const waiting = untilRest(call);
    return prepared(request, waiting, async (ready) =>
      answerOf(call, ready, await reachedIfUnsettled(ready, call, rested(ready, waiting))),
    );
  },
  itemsOf: ({ items }) =>
    linesOf(
      'items',
      items.map(({ productId, sku }) => ({ itemId: productId, sku })),
    ),
};

/** The same, answered as soon as the order is durable. */
export const createOrderAsync: LogisticsMethod<CreateOrderRequest, OrderResponse> = {
  ...createOrder,
  async handle(request, call) {
    const waiting = untilRest(call);
    return prepared(request, waiting, async (ready) => {
      const atRest = rested(ready, waiting);
      // The actor hears both in this order, and what it shows it has made durable.
      const made = reached(ready, waiting).then((view) => view ?? atRest);
      return answerOf(call, ready, await reachedIfUnsettled(ready, call, Promise.race([atRest, made])));
    });
  },
};

/**
 * Makes an order that is ready. Where its customer is no more it may have been made before: then that is the answer.
 * @throws Refused
 */
async function prepared(
  request: CreateOrderRequest,
  call: LogisticsCall,
  make: (ready: Ready) => Promise<OrderResponse>,
): Promise<OrderResponse> {
  const read = readNewOrder(request, call.metadataKey, call.deps.itemIds);
  const asked = { ...read, ...madeIdOf(call, read.orderId, read.key) };
  let ready: Ready;
  try {
    ready = await prepare(asked, call);
  } catch (thrown) {
    const view = isGone(thrown) && mayExist(asked) ? await reached(asked, call) : null;
    if (view === null) throw thrown;
    return answerOf(call, asked, view);
  }
  return make(ready);
}

function isGone(thrown: unknown): boolean {
  return thrown instanceof Refused && thrown.failure.code === 'customer-not-found';
}

function mayExist({ orderId, key }: AskedOrder): boolean {
  return orderId !== null || key !== '';
}

/** The call, with a deadline that leaves time to say what was reached. */
function untilRest(call: LogisticsCall): LogisticsCall {
  const now = processNow();
  const marginMs = Math.max(limits.restMarginMsMin, limits.restMarginShare * (call.deadline - now));
  const own = call.deadline - marginMs;
  const deadline = call.isDeadlineGiven ? own : Math.min(own, now + limits.restWaitMsDefault);
  return new Call(call.method, call.deps, { deadline, idempotencyKey: call.metadataKey, sendAsOf() {} });
}

/** Looks everything up that the order needs, and seals what is personal. Nothing is made yet. @throws Refused */
async function prepare(asked: Asked, call: LogisticsCall): Promise<Ready> {
  const { vault, patience } = call.deps;
  const { id, orderId, key, content, total, isIdOfKey, receipt } = asked;
  const { customerId, method, address, notes } = content;
  if (customerId !== '') await call.read(customerRef(customerId), { type: 'get' }, isCustomerView);
  const lines = await resolved(asked, call);
  const owner = ownerOf({ id, customerId });
  const fingerprint = await vault.fingerprint(owner, content);
  const sealed = await vault.seal(owner, { address, notes });
  const order: NewOrder = { customerId, lines, total, sealed, method, fingerprint, patience };
  await claimKey(call, orderRef(id).kind, orderId, key);
  return { id, command: { type: 'create', order, isIdOfKey }, receipt, content };
}

/**
 * The lines with their SKUs.
 * @throws Refused (item-not-found), unless the order was made before: then only its fingerprint counts
 */
async function resolved(asked: Asked, call: LogisticsCall): Promise<readonly OrderLine[]> {
  const { id, content } = asked;
  const { inventory } = call.deps;
  const itemIds = content.lines.map(({ itemId }) => itemId);
  try {
    const skus = await knownItemsOf(inventory).skusOf(itemIds, inventory, call.deadline);
    return linesWith(content, (itemId) => skus.get(itemId) ?? '');
  } catch (thrown) {
    if (!mayExist(asked) || !isUnknownItem(thrown) || (await read(id, call)) === null) throw thrown;
    return linesWith(content, () => '');
  }
}

function linesWith({ lines }: OrderContent, skuOf: (itemId: string) => string): readonly OrderLine[] {
  return lines.map((line, index) => ({ lineId: String(index + 1), sku: skuOf(line.itemId), ...line }));
}

function rested({ id, command, receipt }: Ready, call: LogisticsCall): Promise<OrderView> {
  return call.begin(orderRef(id), command, receipt, isOrderView);
}

/** The answer; where none came in time, or the shard went away meanwhile, what has been reached. @throws Refused */
async function reachedIfUnsettled(
  ready: Ready,
  call: LogisticsCall,
  answered: Promise<OrderView>,
): Promise<OrderView> {
  try {
    return await answered;
  } catch (thrown) {
    if (!(thrown instanceof Refused) || !isUnsettled(thrown)) throw thrown;
    const view = await reached(ready, call);
    if (view === null) throw thrown;
    return view;
  }
}

function isUnsettled({ failure }: Refused): boolean {
  return failure.code === 'deadline-exceeded' || failure.code === 'unavailable';
}

/** Null where it was not made, or was made with other content: only the order itself can say so as it ought to be said. */
async function reached(
  { id, content }: Pick<Ready, 'id' | 'content'>,
  call: LogisticsCall,
): Promise<OrderView | null> {
  const view = await read(id, call);
  if (view === null) return null;
  const [opened] = await openOrders(call.deps.vault, [view]);
  const { customerId, method, total } = view;
  const lines = view.lines.map(({ itemId, quantity, unitMinor }) => ({ itemId, quantity, unitMinor }));
  const found = {
    customerId,
    lines,
    currency: total.currency,
    method,
    ...(opened?.personal ?? personalOf(content)),
  };
  return fingerprintOf(found) === fingerprintOf(content) ? view : null;
}

/** Null where it cannot be read. */
async function read(id: string, call: LogisticsCall): Promise<OrderView | null> {
  try {
    return await call.read(orderRef(id), { type: 'get' }, isOrderView);
  } catch (thrown) {
    if (thrown instanceof Refused && (thrown.failure.code === 'order-not-found' || isPassing(thrown)))
      return null;
    throw thrown;
  }
}

function isPassing({ failure }: Refused): boolean {
  return failures[failure.code].repeatable;
}

/** The caller has just said what is personal: it need not be opened again to be shown to him. */
async function answerOf(
  { deps: { vault } }: LogisticsCall,
  { content }: Pick<Ready, 'content'>,
  view: OrderView,
): Promise<OrderResponse> {
  const shown = await openReasons(vault, view);
  return { order: orderMessage(shown, personalOf(content)), atRest: view.isResting };
}

function personalOf({ address, notes }: OrderContent) {
  return { address, notes };
}
