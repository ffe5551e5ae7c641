// How an order speaks with the queues of its items (../queue): passes them before it reserves, waits in them, takes what
// they grant, and leaves them. Questions go to all queues of one shard as one message; what is only told needs no answer.
import type { Answer, Context, Message } from '../../behaviour.ts';
import { compareText } from '../../compare.ts';
import { isFlag, isText, objectOf } from '../../shape.ts';
import type { QueueCommand, Taken } from '../queue/model.ts';
import { wantedItems } from './effects.ts';
import type { ItemDraw } from './messages.ts';
import type { Steps } from './steps.ts';

/** What a queue answers to each of its commands. */
export interface QueueAnswer {
  readonly itemId: string;
  /** pass: the order waits here. ask: it may take its units now. */
  readonly holds: boolean;
  /** There is no more room to wait here. */
  readonly isFull: boolean;
  /** ask: it may not, but only because others have been granted and have not decided. */
  readonly isContended: boolean;
}

const isQueueAnswer = objectOf<QueueAnswer>({
  itemId: isText,
  holds: isFlag,
  isFull: isFlag,
  isContended: isFlag,
});

export const toldTag = 'told';

export function beginPass(steps: Steps): void {
  talk(steps, 'pass', wantedItems(steps.order), ({ quantity }) => ({ type: 'pass', quantity }));
}

/** Asks the queues that have not granted. */
export function beginAsk(steps: Steps): void {
  const { waits } = steps.order;
  const others = wantedItems(steps.order).filter(
    ({ itemId }) => waits[itemId] !== undefined && waits[itemId] !== 'granted',
  );
  talk(steps, 'ask', others, () => ({ type: 'ask' }));
  steps.add({ type: 'waitChanged', items: others.map(({ itemId }) => itemId), to: 'asked' });
}

/** Tells these queues that the order goes on without its grant, and keeps its place. */
export function declineGrants(steps: Steps, items: readonly string[]): void {
  tell(steps, items, () => ({ type: 'decline' }));
  steps.add({ type: 'waitChanged', items, to: 'waiting' });
}

/** The order waits in the queues of these items: anew, or still. */
export function waitFor(steps: Steps, items: readonly string[]): void {
  const { order, context } = steps;
  const quantityOf = new Map(wantedItems(order).map(({ itemId, quantity }) => [itemId, quantity]));
  tell(steps, items, (itemId) =>
    order.waits[itemId] === undefined
      ? { type: 'join', quantity: quantityOf.get(itemId) ?? 0 }
      : { type: 'short' },
  );
  steps.add({ type: 'waitBegan', items, until: context.now + order.patience.stockMs });
}

/** @param draws what was taken, where it was */
export function leaveQueues(steps: Steps, draws: readonly ItemDraw[]): void {
  const items = Object.keys(steps.order.waits);
  if (items.length === 0) return;
  const takenOf = Map.groupBy(draws, (draw) => draw.itemId);
  tell(steps, items, (itemId) => ({
    type: 'leave',
    taken: (takenOf.get(itemId) ?? []).map(
      ({ warehouseId, quantity, levelVersion }): Taken => ({ warehouseId, quantity, version: levelVersion }),
    ),
  }));
  steps.add({ type: 'waitEnded' });
}

export function formatTalkTag(number: number, shard: number): string {
  return `talk:${number}:${shard}`;
}

/** Null where it is no answer to a question. */
export function parseTalkTag(tag: string): { readonly number: number; readonly shard: number } | null {
  const match = /^talk:(\d{1,15}):(\d{1,9})$/.exec(tag);
  return match === null ? null : { number: Number(match[1]), shard: Number(match[2]) };
}

/** @throws TypeError where it is none that a queue gives */
export function answersOf(answer: Answer): readonly QueueAnswer[] {
  return answer.replies.map((reply) => {
    if (!('ok' in reply) || !isQueueAnswer(reply.ok)) throw new TypeError('a queue answers something else');
    return reply.ok;
  });
}

type Command = Omit<Extract<QueueCommand, { readonly type: 'pass' }>, 'orderId'> | { readonly type: 'ask' };
type Told = QueueCommand extends infer Each ? (Each extends unknown ? Omit<Each, 'orderId'> : never) : never;

function talk(
  steps: Steps,
  kind: 'pass' | 'ask',
  items: readonly { readonly itemId: string; readonly quantity: number }[],
  commandOf: (item: { readonly itemId: string; readonly quantity: number }) => Command,
): void {
  const { context, order } = steps;
  const number = order.talks + 1;
  const commands = new Map(items.map((item) => [item.itemId, commandOf(item)]));
  const messages = messagesTo(
    context,
    [...commands.keys()],
    (itemId) => commands.get(itemId),
    (shard) => formatTalkTag(number, shard),
  );
  steps.add({ type: 'talkBegan', kind, shards: messages.map(({ to }) => to) });
  steps.send(messages);
}

function tell(steps: Steps, items: readonly string[], commandOf: (itemId: string) => Told): void {
  steps.send(messagesTo(steps.context, items, commandOf, () => toldTag));
}

/** One message a shard, in order of shard; its parts in order of item. */
function messagesTo(
  context: Context,
  items: readonly string[],
  commandOf: (itemId: string) => Told | undefined,
  tagOf: (shard: number) => string,
): readonly Message[] {
  const orderId = context.self.id;
  return [...Map.groupBy(items, (itemId) => context.shardOf(itemId))]
    .sort(([a], [b]) => a - b)
    .map(([shard, its]) => ({
      to: shard,
      tag: tagOf(shard),
      parts: its.toSorted(compareText).map((itemId) => ({
        ref: { kind: 'queue', id: itemId },
        command: { ...commandOf(itemId), orderId },
      })),
    }));
}
