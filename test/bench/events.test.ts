// Every benchmark of events, run for a moment: each variant does what it is there for, and its books are right. And the parts that
// find what is wrong do find it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Databases } from '../../bench/databases.ts';
import { Broker, BrokerError } from '../../bench/events/broker.ts';
import { type DoneRun, problemsOf, runEvents } from '../../bench/events/conductor.ts';
import { Listener } from '../../bench/events/listener.ts';
import { type EventOptions, type EventScenarioName, eventOptions } from '../../bench/events/options.ts';
import type { Figures } from '../../bench/events/scenario.ts';
import { eventScenarios } from '../../bench/events/scenarios.ts';
import { timelineChart } from '../../bench/events/timeline-chart.ts';
import { hotStock } from '../../bench/stock.ts';
import { queueName } from '../../src/messaging/rabbit/topology.ts';
import { itemEvent } from '../support/event.ts';
import { isWithoutRabbit, Rabbit, rabbitUrl } from '../support/rabbit.ts';
import { openVhost, type Vhost } from '../support/rabbit-vhost.ts';
import { until } from '../support/until.ts';

const timeout = 240_000;
const options: EventOptions = {
  ...eventOptions(['--quick']),
  events: 500,
  recordMs: 300,
  warmUpMs: 200,
  ratePerSecond: 20,
  outstanding: 8,
};

describe.skipIf(isWithoutRabbit)('whole runs', () => {
  let databases: Databases;
  let vhost: Vhost;
  let broker: Broker;

  beforeAll(async () => {
    vhost = await openVhost();
    broker = await Broker.open(vhost.url);
    databases = await Databases.open();
    await databases.fillProduct(hotStock);
  }, timeout);

  afterAll(async () => {
    await broker.close();
    await databases.close();
    await vhost.drop();
  }, timeout);

  async function run(name: EventScenarioName): Promise<readonly DoneRun[]> {
    const scenario = eventScenarios[name];
    const runs = await runEvents({ broker, databases, options, say: () => {} }, [scenario]);
    expect(problemsOf(runs)).toEqual([]);
    expect(new Set(runs.map(({ variant }) => variant))).toEqual(new Set(scenario.variants));
    for (const { figures } of runs)
      for (const { key } of scenario.columns) expect(figures, key).toHaveProperty(key);
    return runs;
  }

  const figure = (figures: Figures, key: string): number => figures[key] ?? Number.NaN;

  test('events-publish', { timeout }, async () => {
    for (const { figures } of await run('events-publish'))
      expect(figure(figures, 'eventsPerSecond')).toBeGreaterThan(0);
  });

  test('events-delay', { timeout }, async () => {
    const [done] = await run('events-delay');
    expect(figure(done?.figures ?? {}, 'eventsPerSecond')).toBeGreaterThan(0);
    expect(figure(done?.figures ?? {}, 'p50Ms')).toBeGreaterThan(0);
  });

  test('events-broker-away, and its picture', { timeout }, async () => {
    const [done] = await run('events-broker-away');
    const figures = done?.figures ?? {};
    expect(figure(figures, 'goodput-away')).toBeGreaterThan(0);
    // What was reserved meanwhile waited, and was told afterwards.
    expect(figure(figures, 'lagRowsMax')).toBeGreaterThan(0);
    expect(figure(figures, 'drainSeconds')).toBeGreaterThan(0);
    const { timeline } = done ?? {};
    if (timeline === undefined) throw new Error('the run has no time line');
    const machine = { cpu: 'A', cores: 2, memoryGiB: 8, system: 'Linux', node: '24', postgres: '18' };
    const svg = timelineChart(timeline, 20, machine);
    expect(svg.match(/<path class="line /g)).toHaveLength(4);
    expect(svg).not.toContain('NaN');
  });

  test('events-overhead', { timeout }, async () => {
    for (const { figures } of await run('events-overhead'))
      expect(figure(figures, 'opsPerSecond')).toBeGreaterThan(0);
  });
});

describe.skipIf(isWithoutRabbit)('the broker', () => {
  test('what the benchmarks declare they remove, and what somebody uses they leave alone', async () => {
    const rabbit = await Rabbit.open();
    const { prefix } = rabbit;
    const queue = queueName(prefix, 'order_processing');
    const first = await Broker.open(rabbitUrl);
    await first.claim(prefix);
    expect(await rabbit.depth(queue)).toBe(0);
    // Nobody's yet, as far as another can see.
    const second = await Broker.open(rabbitUrl);
    await second.claim(prefix);
    rabbit.channel.sendToQueue(queue, Buffer.from('left over'));
    await until('the message', async () => (await rabbit.depth(queue)) === 1);
    await expect(
      Broker.open(rabbitUrl).then((third) => third.claim(prefix).finally(() => third.close())),
    ).rejects.toThrow(BrokerError);
    await second.close();
    expect(await rabbit.depth(queue)).toBe(0);
    await first.close();
    await expect(rabbit.aside((channel) => channel.checkQueue(queue))).rejects.toThrow('NOT_FOUND');
    await rabbit.close();
  });

  test('one that is not there is said in one line', async () => {
    await expect(Broker.open('amqp://127.0.0.1:1')).rejects.toThrow(
      /no RabbitMQ can be reached at 127.0.0.1:1/,
    );
  });

  test('an event that did not come, one that came twice, and one of somebody else', async () => {
    const rabbit = await Rabbit.open();
    const broker = await Broker.open(rabbitUrl);
    const installation = await broker.claim(rabbit.prefix);
    const delays: number[] = [];
    const listener = await Listener.open(broker, installation, 'ours', (delayMs) => delays.push(delayMs));
    const send = (id: string, orderId: string) =>
      rabbit.channel.publish(
        rabbit.exchange,
        'inventory.reserved',
        Buffer.from(JSON.stringify(reserved(id, orderId))),
      );
    for (const orderId of ['a', 'b', 'b']) send('ours.0.1.0', orderId);
    send('theirs.0.1.0', 'c');
    expect(await listener.check(2, 0)).toEqual([]);
    await until('all', () => delays.length === 3);
    expect(listener.repeats).toBe(1);
    expect(await listener.check(1, 1)).toEqual([]);
    expect(await listener.check(3, 0, 10)).toEqual([
      'I15: events of 2 reservations have come, where clients were told of 3',
    ]);
    expect(await listener.check(1, 0)).toHaveLength(1);
    await listener.close();
    await broker.close();
    await rabbit.close();
  });
});

function reserved(id: string, orderId: string) {
  return {
    ...itemEvent(`reservations/${orderId}`, 1),
    id,
    type: 'InventoryReserved',
    data: { reservationId: 'r', orderId, status: 'held', expiresAt: null, lines: [] },
  };
}
