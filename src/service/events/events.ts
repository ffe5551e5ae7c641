// Everything that a process does with events, by its role: tells its journals, consumes queues, sends notifications. Over the
// broker where there is one, else within the process from the same outbox.
import { createOrderProcessing } from '../../effects/order-processing.ts';
import type { EventHandler } from '../../events/handler.ts';
import type { QueueName } from '../../messaging/queues.ts';
import { type Consumer, openConsumer } from '../../messaging/rabbit/consumer.ts';
import { openPublisher, type Publisher } from '../../messaging/rabbit/publisher.ts';
import { type Notifications, openNotifications } from '../../notifications/notifications.ts';
import { LocalSink } from '../../outbox/local-sink.ts';
import { Router } from '../../runtime/threads/router.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { ActorService } from '../roles.ts';
import type { EventsParts } from './parts.ts';
import { type Reader, SourceEvents } from './source.ts';

/** Sent and not confirmed; more is taken from the journal only as confirms come. */
const publishedInFlightMax = 2_048;
const prefetch = 256;

/** The reader whose events go to the broker; all others are consumers of this process. */
export const brokerReader = 'amqp';

export interface EventsHost {
  readonly log: Logger;
  /** By which this process owns each database, by service. */
  readonly ownerEpochs: Readonly<Record<string, number>>;
  /** Of the gRPC API of this process. */
  readonly ownGrpcUrl: string;
}

export class Events {
  readonly routers: ReadonlyMap<string, Router>;
  readonly publisher: Publisher | null;
  readonly notifications: Notifications | null;
  readonly consumers: ReadonlyMap<QueueName, Consumer>;
  readonly sources: ReadonlyMap<string, SourceEvents>;
  readonly #locals: { readonly queue: QueueName; readonly sink: LocalSink }[] = [];
  readonly #log: Logger;
  readonly #handlers: ReadonlyMap<QueueName, EventHandler>;
  readonly #parts: EventsParts;

  /** Connects to what it needs by itself. `open` begins to tell. */
  constructor(parts: EventsParts, host: EventsHost) {
    const { amqpUrl, sources, journalQuotaMb } = parts;
    const { log } = host;
    this.#parts = parts;
    this.#log = log;
    this.routers = new Map(
      sources.map(({ service, shards, threads }) => [service, new Router(shards, threads)]),
    );
    this.notifications = openNotificationService(parts, host);
    this.#handlers = this.#makeHandlers();
    this.publisher =
      amqpUrl === null || sources.length === 0
        ? null
        : openPublisher({ url: amqpUrl, log, inFlightMax: publishedInFlightMax });
    this.consumers = new Map(
      amqpUrl === null
        ? []
        : [...this.#handlers].map(([queue, handler]) => [
            queue,
            openConsumer({ url: amqpUrl, queue, handler, prefetch, log }),
          ]),
    );
    this.sources = new Map(
      sources.map((source) => {
        const ownerEpoch = host.ownerEpochs[source.service] ?? 0;
        const readers = this.#readersOf(source.service);
        return [source.service, new SourceEvents({ ...source, ownerEpoch }, readers, journalQuotaMb, log)];
      }),
    );
  }

  /** Consumers of this process that are told without a broker. */
  get locals(): readonly { readonly queue: QueueName; readonly sink: LocalSink }[] {
    return this.#locals;
  }

  /** @throws the reason where it is closed before everything could be opened */
  async open(): Promise<void> {
    await Promise.all([...this.sources.values()].map((source) => source.open()));
  }

  async close(): Promise<void> {
    await Promise.all([...this.consumers.values()].map((consumer) => consumer.close()));
    await this.publisher?.close();
    await Promise.all([...this.sources.values()].map((source) => source.close()));
    for (const router of this.routers.values()) router.close();
    await this.notifications?.close();
  }

  #makeHandlers(): ReadonlyMap<QueueName, EventHandler> {
    const handlers = new Map<QueueName, EventHandler>();
    const logistics = this.routers.get('logistics' satisfies ActorService);
    if (logistics !== undefined)
      handlers.set('order_processing', createOrderProcessing({ asker: logistics }));
    if (this.notifications !== null) handlers.set('notification_service', this.notifications.handler);
    return handlers;
  }

  /** Without a broker a consumer hears what this process tells; who is elsewhere hears nothing. */
  #readersOf(service: string): readonly Reader[] {
    const { publisher } = this;
    if (publisher !== null)
      return [{ name: brokerReader, makeSink: () => ({ take: (event) => publisher.publish(event) }) }];
    if (this.#parts.amqpUrl !== null) return [];
    return [...this.#handlers]
      .filter(([queue]) => queue !== 'order_processing' || service === 'inventory')
      .map(([queue, handler]) => ({
        name: queue,
        makeSink: (client) => {
          const sink = new LocalSink({ queue, handler, client, log: this.#log });
          this.#locals.push({ queue, sink });
          return sink;
        },
      }));
  }
}

function openNotificationService(
  { notifications }: EventsParts,
  { log, ownerEpochs, ownGrpcUrl }: EventsHost,
): Notifications | null {
  if (notifications === null) return null;
  const { logisticsGrpcUrl, ...parts } = notifications;
  const service = openNotifications({ ...parts, log, logisticsGrpcUrl: logisticsGrpcUrl ?? ownGrpcUrl });
  service.start(ownerEpochs['notifications'] ?? 0);
  return service;
}
