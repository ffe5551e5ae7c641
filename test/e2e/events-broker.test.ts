// The broker is restarted and killed, and connections to it are cut, while a shop is busy: everybody hears of everything,
// in order, and acts on it once. Compared row by row with the journals.
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { describeWithBroker, TestBroker } from '../support/broker.ts';
import {
  expectCounted,
  expectDense,
  expectHeard,
  expectNotified,
  expectVaried,
  readLedger,
} from '../support/events/compare.ts';
import { Installation } from '../support/events/installation.ts';
import { strike, times } from '../support/events/nemesis.ts';
import { EventObserver } from '../support/events/observer.ts';
import { untilQuiet } from '../support/events/quiet.ts';
import { ShopLoad } from '../support/events/shop-load.ts';
import { TcpProxy } from '../support/proxy.ts';

// A busy machine makes each restart slow.
vi.setConfig({ testTimeout: 300_000 });

describeWithBroker('a busy shop, and a broker that comes and goes', () => {
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

  test('3 restarts and 10 cuts: every event at least once, in order, acted on once', async () => {
    const load = await ShopLoad.start({ ...installation, records: 300, clients: 3 });
    const restarts = times(3, (index) => broker.restart(index === 1 ? 'orderly' : 'kill'));
    const cuts = times(10, async () => proxy.cut());
    await strike([...restarts, ...cuts], { seed: 4, pauseMsMin: 100, pauseMsMax: 1_500 });
    await load.end();
    await untilQuiet(installation, broker);
    await installation.stop();

    await installation.expectCleanBooks();
    const ledger = await readLedger(installation);
    expectVaried(ledger);
    expectDense(ledger);
    expectHeard(ledger, observer);
    await expectCounted(ledger, installation);
    await expectNotified(ledger, installation);
    expect(observer.size).toBe(ledger.size);
  });
});
