// A shard thread throws, exits, breaks an invariant or spins for ever: it is back by itself, and nobody is told a lie.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { basket, CallFailed, Inventory, rpc } from '../support/inventory.ts';
import { ReserveLoad } from '../support/load.ts';
import { expectCleanAudit, type LogLine, TestService } from '../support/service.ts';
import { until } from '../support/until.ts';

const folder = mkdtempSync(join(tmpdir(), 'synkro-faults-'));
const skus = ['threads-0', 'threads-1', 'threads-2', 'threads-3'];
let database: TestDatabase;
let service: TestService;
let inventory: Inventory;
let warehouseId: string;

beforeAll(async () => {
  database = await createDatabase();
  service = await TestService.start({
    data: database,
    env: { SHARD_THREADS: '2', FAULT_DIR: folder },
    entry: new URL('../support/faulty-service.ts', import.meta.url),
  });
  inventory = new Inventory((await service.ready()).grpc);
  warehouseId = await inventory.warehouse();
});

afterAll(async () => {
  inventory.close();
  await service.stop();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  for (const sku of skus) await inventory.item(sku, { [warehouseId]: 2_000 });
});

const restarted = ({ msg }: LogLine): boolean => msg === 'a thread ended; it is started again';

test('an exception in a behaviour is INTERNAL to its caller, with an id that is in the log, and has no effect', async () => {
  await inventory.item('untouched', { [warehouseId]: 10 });
  const before = await inventory.level('untouched');
  const load = new ReserveLoad(inventory, { clients: 4, skus, prefix: 'beside' });
  const restartsBefore = service.count(restarted);
  for (const name of ['always-1', 'always-2']) {
    const problem = await inventory.refused(rpc.reserve, basket(`fault:error:${name}`, { untouched: 1 }));
    expect(problem).toMatchObject({ code: 'INTERNAL', reason: 'internal' });
    expect(problem.message).not.toMatch(/secret|bug/);
    const id = /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(problem.message)?.[0];
    await service.says('the id of the fault', ({ errorId, id: other }) => [errorId, other].includes(id));
  }
  await until('answers to the others', () => load.told.length >= 50 || load.hasFailed);
  await load.end();
  expect(load.unknown).toBe(0);
  expect(service.count(restarted)).toBe(restartsBefore);
  await load.expectStable();
  expect(await inventory.level('untouched')).toEqual(before);
  await expectCleanAudit(database.url);
});

test.each(['invariant', 'crash', 'exit', 'spin'])(
  '%s: the thread is started again, and nothing that was answered is lost',
  async (fault) => {
    const restartsBefore = service.count(restarted);
    const load = new ReserveLoad(inventory, { clients: 16, skus, prefix: fault });
    await until('answers before the fault', () => load.told.length >= 50 || load.hasFailed);
    const request = basket(`fault:${fault}:${fault}`, { 'threads-0': 1 });
    const first = await inventory.call(rpc.reserve, request).catch((error: unknown) => error);
    expect(first).toBeInstanceOf(CallFailed);
    expect(first).toMatchObject({ code: 'UNAVAILABLE' });
    expect(await inventory.settle(rpc.reserve, request)).toMatchObject({ success: true, attempt: 1 });
    const toldAtOnce = load.told.length;
    await until('answers after the fault', () => load.told.length >= toldAtOnce + 50 || load.hasFailed);
    await load.end();
    expect(load.unknown).toBeGreaterThan(0);
    expect(service.count(restarted)).toBe(restartsBefore + 1);
    await load.expectStable();
    await expectCleanAudit(database.url);
  },
);
