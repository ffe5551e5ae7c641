/**
 * A process that takes in events as Logistics does: a shard thread over the database in its first argument, and the handler
 * before it. Each message is `{ n, event }`; it is answered `{ n, outcome }`: `taken`, `not-now`, or the error's message.
 */
import { randomUUID } from 'node:crypto';
import { MessageChannel } from 'node:worker_threads';
import { logisticsBehaviours } from '../../src/actors/logistics/behaviours.ts';
import { isInteger, isObject } from '../../src/actors/shape.ts';
import { createOrderProcessing } from '../../src/effects/order-processing.ts';
import { isPublishedEvent } from '../../src/events/event.ts';
import { NotNow } from '../../src/events/handler.ts';
import { openClient } from '../../src/persistence/connect.ts';
import { logisticsSchema } from '../../src/persistence/logistics/schema.ts';
import { createOwnership } from '../../src/persistence/ownership.ts';
import { ensureShards } from '../../src/persistence/shards.ts';
import { createStore } from '../../src/persistence/store.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { noEffects } from '../../src/runtime/effects.ts';
import { defaultRuntimeLimits } from '../../src/runtime/limits.ts';
import { silentObserver } from '../../src/runtime/observer.ts';
import { ShardThread } from '../../src/runtime/shard-thread.ts';
import { Link } from '../../src/runtime/threads/link.ts';
import type { Ask, ShardToIngress } from '../../src/runtime/threads/messages.ts';
import { Router } from '../../src/runtime/threads/router.ts';

const [url = ''] = process.argv.slice(2);
const options = { url, log: { warn: () => undefined } };
const shardCount = await ensureShards(openClient('work', options), 4);

const router = new Router(shardCount, 1);
const { port1, port2 } = new MessageChannel();
router.connect(0, new Link<Ask, ShardToIngress>(port1, (message) => router.receive(0, message)));

const thread = new ShardThread({
  shards: Array.from({ length: shardCount }, (_, shard) => shard),
  shardCount,
  // Whoever had it was killed.
  ownerEpoch: (await createOwnership(options).acquire('a test', 0)) ?? 0,
  behaviours: logisticsBehaviours,
  store: createStore(options, logisticsSchema),
  performer: noEffects,
  // It has all shards.
  transport: { send: () => undefined, announce: () => undefined },
  clock: systemClock,
  limits: defaultRuntimeLimits,
  observer: silentObserver,
  newId: randomUUID,
  onDisplaced: () => process.exit(1),
  onFatal: (error) => {
    throw error;
  },
});
await thread.start();
const link: Link<ShardToIngress, Ask> = new Link(port2, ({ id, ...request }) => {
  thread.submit(request, (reply) => link.send({ type: 'reply', id, reply }));
});

const handler = createOrderProcessing({ asker: router });

process.on('message', (message: unknown) => {
  if (!isObject(message) || !isInteger(message['n']) || !isPublishedEvent(message['event']))
    throw new Error('a message that is none');
  const { n } = message;
  const answer = (outcome: string) => process.send?.({ n, outcome });
  handler.handle(message['event']).then(
    () => answer('taken'),
    (error: unknown) => answer(error instanceof NotNow ? 'not-now' : String(error)),
  );
});
process.send?.({ n: -1, outcome: 'ready' });
