// kill -9 of whoever publishes and whoever consumes while a shop is busy: everybody hears of everything, in order, and acts
// on it once. Compared row by row with the journals.
import { afterEach, describe, expect, test, vi } from 'vitest';
import { describeWithBroker, TestBroker } from '../support/broker.ts';
import { crashWhile, lockNotifications } from '../support/events/blocked.ts';
import {
  expectCounted,
  expectDense,
  expectHeard,
  expectNotified,
  expectVaried,
  readLedger,
} from '../support/events/compare.ts';
import { apart, Installation } from '../support/events/installation.ts';
import { type Fault, strike, times } from '../support/events/nemesis.ts';
import { EventObserver } from '../support/events/observer.ts';
import { untilQuiet } from '../support/events/quiet.ts';
import { ShopLoad } from '../support/events/shop-load.ts';
import { TcpProxy } from '../support/proxy.ts';

// A busy machine makes each start and each restart slow, and there are many.
vi.setConfig({ testTimeout: 300_000 });

/** What was opened, to be closed in the reverse order, whatever becomes of the test. */
const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

async function opening<T>(opens: Promise<T>, close: (each: T) => Promise<void>): Promise<T> {
  const each = await opens;
  opened.push(() => close(each));
  return each;
}

const open = (options: Parameters<typeof Installation.open>[0]) =>
  opening(Installation.open(options), (each) => each.close());

async function busyWhile(
  installation: Installation,
  faults: readonly Fault[],
  broker: TestBroker | null,
): Promise<void> {
  const load = await ShopLoad.start({ ...installation, records: 200, clients: 3 });
  await strike(faults, { seed: 7, pauseMsMin: 100, pauseMsMax: 1_500 });
  await load.end();
  await untilQuiet(installation, broker);
  await installation.stop();
  await installation.expectCleanBooks();
}

describeWithBroker('over a broker', () => {
  test.each([
    { name: 'one process', roles: ['all'], kills: 5 },
    { name: 'a process for each role', roles: apart, kills: 2 },
  ] as const)('$name, killed again and again', async ({ roles, kills }) => {
    const broker = await opening(TestBroker.start(), (each) => each.stop());
    const proxy = await opening(TcpProxy.open(broker.address), (each) => each.close());
    const observer = await opening(EventObserver.open(broker.url), (each) => each.close());
    const installation = await open({ roles, amqpUrl: proxy.url(broker.url) });
    const crashes = roles.flatMap((role) => times(kills, () => installation.crash(role)));
    const cuts = times(4, async () => proxy.cut());
    const swallow = async () => {
      proxy.blackHole();
      return async () => proxy.restore();
    };
    const untold = (['inventory', 'logistics'] as const).map(
      (service) => () =>
        crashWhile(installation, roles.find((role) => role === service) ?? 'all', service, swallow),
    );
    await busyWhile(installation, [...crashes, ...cuts, ...untold], broker);
    const ledger = await readLedger(installation);
    expectVaried(ledger);
    expectDense(ledger);
    expectHeard(ledger, observer);
    await expectCounted(ledger, installation);
    await expectNotified(ledger, installation);
    expect(observer.size).toBe(ledger.size);
  });
});

describe('without a broker', () => {
  test('one process, killed again and again', async () => {
    const installation = await open({ roles: ['all'], amqpUrl: null });
    const crashes = times(6, () => installation.crash('all'));
    const lock = () => lockNotifications(installation);
    const untold = times(2, () => crashWhile(installation, 'all', 'logistics', lock));
    await busyWhile(installation, [...crashes, ...untold], null);
    const ledger = await readLedger(installation);
    expectVaried(ledger);
    expectDense(ledger);
    await expectCounted(ledger, installation);
    await expectNotified(ledger, installation);
  });
});
