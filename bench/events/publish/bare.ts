// What the product is compared with: a confirming channel and nothing else. The same bodies, made beforehand, persistent and
// mandatory, to the same exchange, and as many unconfirmed at once; no order, no repeats, no headers.
import { type ConfirmChannel, connect } from 'amqplib';
import { routingKeyOf } from '../../../src/events/event.ts';
import { envelopesOf } from '../../../src/events/mapping/envelopes.ts';
import { contentOf } from '../../../src/messaging/rabbit/message.ts';
import { exchangeName } from '../../../src/messaging/rabbit/topology.ts';
import { eventLimits as limits } from '../limits.ts';
import { Meter } from './meter.ts';
import type { PublishPlan, PublishResult } from './plan.ts';

interface Body {
  readonly routingKey: string;
  readonly content: Buffer;
}

/** As long as the real ones. */
const source = 'inventory-000000000000';
const options = { mandatory: true, deliveryMode: 2 } as const;

export async function publishBare(plan: PublishPlan, onMeasuring: () => void): Promise<PublishResult> {
  const { amqpUrl, events, prefix, rows } = plan;
  const bodies = rows
    .flatMap((row) => envelopesOf('inventory', source, row))
    .map((event) => ({ routingKey: routingKeyOf(event.type), content: contentOf(event) }));
  const model = await connect(amqpUrl, { noDelay: true });
  const channel = await model.createConfirmChannel({ highWaterMark: limits.channelFramesMax });
  const meter = new Meter(events, onMeasuring);
  const failed = Promise.withResolvers<never>();
  for (const emitter of [model, channel]) {
    emitter.on('error', failed.reject);
    emitter.on('close', () => failed.reject(new Error('the broker has closed the connection')));
  }
  let returned = 0;
  channel.on('return', () => {
    returned += 1;
  });
  publishAll({ channel, exchange: exchangeName(prefix), bodies, events, meter, fail: failed.reject });
  const metered = await Promise.race([meter.done, failed.promise]);
  // The end is ours from here on.
  failed.promise.catch(() => {});
  await model.close();
  return { ...metered, confirmed: meter.confirmedCount, refused: returned };
}

interface Publishing {
  readonly channel: ConfirmChannel;
  readonly exchange: string;
  /** Sent in this order, again and again. */
  readonly bodies: readonly Body[];
  readonly events: number;
  readonly meter: Meter;
  fail(error: Error): void;
}

/** Each confirm makes room for the next one, and none is sent again. */
function publishAll({ bodies, channel, events, exchange, fail, meter }: Publishing): void {
  let sent = 0;
  let isFull = false;
  const send = (): void => {
    while (!isFull && sent < events && sent - meter.confirmedCount < limits.inFlightMax) {
      const body = bodies[sent % bodies.length];
      if (body === undefined) throw new RangeError('the recording has no events');
      sent += 1;
      isFull = !channel.publish(exchange, body.routingKey, body.content, options, confirmed);
    }
  };
  const confirmed = (error: unknown): void => {
    if (error !== null) fail(new Error('the broker has refused a message'));
    meter.confirmed();
    send();
  };
  channel.on('drain', () => {
    isFull = false;
    send();
  });
  send();
}
