// The whole year of a real shop, while the broker is restarted ten times: see events-broker.test.ts, which plays its first
// orders. Takes many minutes: EVENTS_YEAR=1 has it run.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { replayOptions } from '../../src/cli/replay/options.ts';
import { replay } from '../../src/cli/replay/run.ts';
import { recordedIo } from '../cli/support.ts';
import { TestBroker } from '../support/broker.ts';
import {
  expectCounted,
  expectDense,
  expectHeard,
  expectNotified,
  readLedger,
} from '../support/events/compare.ts';
import { Installation } from '../support/events/installation.ts';
import { strike, times } from '../support/events/nemesis.ts';
import { EventObserver } from '../support/events/observer.ts';
import { untilQuiet } from '../support/events/quiet.ts';
import { basket, present, rpc, together } from '../support/inventory.ts';
import { TcpProxy } from '../support/proxy.ts';
import { until } from '../support/until.ts';

vi.setConfig({ testTimeout: 3_000_000 });

/** Of the catalogue, how many items have thresholds. */
const watchedItems = 500;

describe.runIf(process.env['EVENTS_YEAR'] === '1')('the year, and a broker that comes and goes', () => {
  let broker: TestBroker;
  let proxy: TcpProxy;
  let observer: EventObserver;
  let installation: Installation;

  beforeAll(async () => {
    broker = await TestBroker.start();
    proxy = await TcpProxy.open(broker.address);
    observer = await EventObserver.open(broker.url);
    installation = await Installation.open({ roles: ['all'], amqpUrl: proxy.url(broker.url) });
  });

  afterAll(async () => {
    await installation.close();
    await observer.close();
    await proxy.close();
    await broker.stop();
  });

  /** Beside the orders, on an item that none of them wants: holds that expire, and what there is not. */
  async function meanwhile(isOver: () => boolean): Promise<void> {
    const { inventory } = installation;
    await until('the catalogue', () => observer.size > watchedItems || isOver(), 120_000);
    const { warehouses } = await inventory.settle(rpc.listWarehouses, { pageSize: 10 });
    const ids = warehouses.map(({ id }) => id);
    const { items } = await inventory.settle(rpc.listItems, { pageSize: watchedItems });
    await together(items.length, 8, async (index) => {
      const policy = { lowStockThreshold: 20n, backInStockThreshold: 30n };
      for (const warehouseId of ids)
        await inventory.settle(rpc.setPolicy, { itemId: present(items[index]).id, warehouseId, policy });
    });
    await inventory.item('beside', { [present(ids[0])]: 100_000 });
    for (let number = 0; !isOver(); number++) {
      const { quantity } = await inventory.level('beside');
      const wanted = number % 2 === 0 ? 1 : Number(quantity) + 1;
      await inventory.settle(
        rpc.reserve,
        basket(`beside-${number}`, { beside: wanted }, { ttlSeconds: 60 + (number % 60) }),
      );
    }
  }

  test('10 restarts and 10 cuts: every event at least once, in order, acted on once', async () => {
    const options = replayOptions({ 'stock-factor': '0.95', concurrency: '32' });
    const io = recordedIo();
    const address = `127.0.0.1:${installation.grpcPort('all')}`;
    let isOver = false;
    const playing = replay({ address }, options, new AbortController().signal, io).finally(() => {
      isOver = true;
    });
    const beside = meanwhile(() => isOver);
    const restarts = times(10, (index) => broker.restart(index % 2 === 0 ? 'kill' : 'orderly'));
    const cuts = times(10, async () => proxy.cut());
    await strike([...restarts, ...cuts], { seed: 4, pauseMsMin: 1_000, pauseMsMax: 6_000 });
    expect(isOver, 'all of it happened during the year').toBe(false);
    expect(await playing, [...io.stdout, ...io.stderr].join('\n')).toBe(true);
    await beside;
    await untilQuiet(installation, broker, 1_800_000);
    await installation.stop();

    await installation.expectCleanBooks();
    const ledger = await readLedger(installation);
    expectDense(ledger);
    expectHeard(ledger, observer);
    await expectCounted(ledger, installation);
    await expectNotified(ledger, installation);
    expect(observer.size).toBe(ledger.size);
    const told = {
      events: ledger.size,
      repeats: observer.repeats,
      webhooks: installation.receiver.ids.length,
    };
    process.stdout.write(`${io.stdout.join('\n')}\n${JSON.stringify(told)}\n`);
  });
});
