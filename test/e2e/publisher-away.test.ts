// A broker that is away: what is not told waits in the journal, the lag and the alert say so, and `synkro publisher` shows it
// and is the way out.
import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { run } from '../../src/cli/publisher.ts';
import { recordedIo } from '../cli/support.ts';
import { describeWithBroker, TestBroker } from '../support/broker.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { EventObserver } from '../support/events/observer.ts';
import { Inventory, rpc } from '../support/inventory.ts';
import { TcpProxy } from '../support/proxy.ts';
import { TestService } from '../support/service.ts';
import { until } from '../support/until.ts';

const reader = 'reader="amqp"';
/** Beyond the quota of a mebibyte, and more than may be on its way to the broker. */
const items = 6_000;

describeWithBroker('a broker that is away', () => {
  let broker: TestBroker;
  let proxy: TcpProxy;
  let observer: EventObserver;
  let database: TestDatabase;
  let sql: postgres.Sql;
  let service: TestService;
  let inventory: Inventory;
  let http: number;

  beforeAll(async () => {
    broker = await TestBroker.start();
    proxy = await TcpProxy.open(broker.address);
    observer = await EventObserver.open(broker.url);
    database = await createDatabase();
    sql = postgres(database.url, { max: 1 });
    service = await TestService.start({
      data: database,
      env: { AMQP_URL: proxy.url(broker.url), JOURNAL_QUOTA_MB: '1', SHARDS: '4' },
    });
    const ports = await service.ready();
    http = ports.http;
    inventory = new Inventory(ports.grpc);
  });

  afterAll(async () => {
    inventory.close();
    await service.stop();
    await sql.end();
    await observer.close();
    await database.drop();
    await proxy.close();
    await broker.stop();
  });

  afterEach(() => vi.unstubAllEnvs());

  /** The value of a metric of this service's; null where it is not told. */
  async function metric(name: string, labels = ''): Promise<number | null> {
    const text = await (await fetch(`http://127.0.0.1:${http}/metrics`)).text();
    const line = text
      .split('\n')
      .find((each) =>
        each.startsWith(`${name}{`) || each.startsWith(`${name} `) ? each.includes(labels) : false,
      );
    return line === undefined ? null : Number(line.slice(line.lastIndexOf(' ') + 1));
  }

  async function publisher(...argv: string[]) {
    vi.stubEnv('ROLE', 'inventory');
    vi.stubEnv('INVENTORY_DATABASE_URL', database.url);
    const io = recordedIo();
    return { code: await run(argv, io), out: io.stdout.join('\n'), err: io.stderr.join('\n') };
  }

  async function create(count: number): Promise<void> {
    const ids = Array.from({ length: count }, () => randomBytes(6).toString('hex'));
    for (let from = 0; from < count; from += 1_000) {
      const page = ids.slice(from, from + 1_000);
      await inventory.settle(rpc.bulkCreateItems, {
        items: page.map((id) => ({ sku: id, name: randomBytes(100).toString('hex'), idempotencyKey: id })),
      });
    }
  }

  const rows = async (): Promise<number> => {
    const [row] = await sql<{ readonly count: number }[]>`select count(*)::int from journal`;
    return row?.count ?? 0;
  };

  test('lags, alerts, is skipped, and goes on from there', async () => {
    await create(1);
    await until('the first event', () => observer.size === 1);
    await until('no lag', async () => (await metric('synkro_outbox_lag_rows', reader)) === 0);
    expect(await metric('synkro_broker_connected')).toBe(1);
    expect(await metric('synkro_events_told_total', reader)).toBe(1);
    expect((await publisher('status')).out).toContain('amqp has taken everything');

    proxy.refuse();
    await create(items);
    await until('a lag', async () => ((await metric('synkro_outbox_lag_rows', reader)) ?? 0) > 0);
    expect(await metric('synkro_broker_connected')).toBe(0);
    expect(await metric('synkro_outbox_in_flight', reader)).toBeGreaterThan(0);
    // The day goes by.
    await sql`update journal set at = at - interval '1 day'`;
    const beyond = await service.says('that the journal is beyond its quota', ({ msg }) =>
      String(msg).includes('beyond its quota'),
    );
    expect(beyond).toMatchObject({ level: 'error', lagging: [{ reader: 'amqp' }] });
    expect(await metric('synkro_outbox_over_quota', 'service="inventory"')).toBe(1);
    expect(await metric('synkro_outbox_lag_seconds', reader)).toBeGreaterThan(86_000);
    expect(await metric('synkro_journal_bytes')).toBeGreaterThan(1_048_576);
    const { out } = await publisher('status', '--json');
    const [{ service: name, readers }] = JSON.parse(out);
    expect({ name, readers }).toMatchObject({ name: 'inventory', readers: [{ reader: 'amqp' }] });
    expect(readers[0].seconds).toBeGreaterThan(86_000);

    const before = await rows();
    const skip = ['skip', '--service', 'inventory', '--reader', 'amqp'];
    expect((await publisher(...skip)).code).toBe(2);
    expect((await publisher(...skip, '--yes', '--json')).out).toMatch(/"skipped":[1-9]/);
    await service.says('that somebody skips', ({ msg }) => String(msg).includes('decided to skip'));
    expect((await publisher('status')).out).toMatch(/amqp has taken everything; skipped at 20/);
    await until('no lag', async () => (await metric('synkro_outbox_lag_rows', reader)) === 0);
    await until('no alert', async () => (await metric('synkro_outbox_over_quota')) === 0);
    // Nobody is waited for any more: what is old enough goes.
    await until('the journal to be trimmed', async () => (await rows()) < before / 2, 60_000);

    proxy.restore();
    await create(1);
    await until('no lag', async () => (await metric('synkro_outbox_lag_rows', reader)) === 0);
    await until('to be told again', async () => (await metric('synkro_outbox_in_flight', reader)) === 0);
    expect(observer.size).toBeLessThan(items);
    expect(observer.problems).toEqual([]);
    const last = await sql<
      { readonly id: string }[]
    >`select id::text from items order by created_at desc limit 1`;
    await until('the last event', () => observer.bySubject.has(`items/${last[0]?.id}`));
  });

  test('what is no reader, or no service, is refused', async () => {
    expect(await publisher('skip', '--service', 'inventory', '--reader', 'nobody', '--yes')).toMatchObject({
      code: 1,
      err: expect.stringContaining("no reader 'nobody'"),
    });
    expect(await publisher('skip', '--service', 'logistics', '--reader', 'amqp', '--yes')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--service must be inventory'),
    });
  });
});
