// Processes that share the embedded PostgreSQL of one folder: it outlives each of them, and ends with the last.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { layoutOf } from '../../src/persistence/embedded/layout.ts';
import { readPostmaster } from '../../src/persistence/embedded/postmaster-file.ts';
import { processIdentity } from '../../src/persistence/embedded/processes.ts';
import { basket, Inventory, present, rpc } from '../support/inventory.ts';
import { portsOf, TestService } from '../support/service.ts';

const folder = mkdtempSync(join(tmpdir(), 'synkro-shared-'));
const options = { data: { folder }, env: { OWNER_LEASE_MS: '500' } };
const started: TestService[] = [];

afterAll(async () => {
  for (const service of started) await service.kill();
  rmSync(folder, { recursive: true, force: true });
});

function spawn(): TestService {
  const service = TestService.spawn(options);
  started.push(service);
  return service;
}

async function spawnStandby(): Promise<{ service: TestService; inventory: Inventory }> {
  const service = spawn();
  const { grpc } = portsOf(await service.says('that it stands by', ({ event }) => event === 'standby'));
  return { service, inventory: new Inventory(grpc) };
}

test('kill -9 of the first, clean stop of the second, and the third still has everything', async () => {
  const first = spawn();
  const inventory = new Inventory((await first.ready()).grpc);
  const warehouseId = await inventory.warehouse();
  await inventory.item('shared', { [warehouseId]: 10 });
  const request = basket('shared-1', { shared: 2 });
  const answer = await inventory.call(rpc.reserve, request);
  inventory.close();

  const second = await spawnStandby();
  await first.kill();
  expect(await second.inventory.settle(rpc.reserve, request)).toEqual(answer);
  second.inventory.close();

  const third = await spawnStandby();
  await second.service.stop();
  expect(await third.inventory.settle(rpc.reserve, request)).toEqual(answer);
  third.inventory.close();

  const { pid } = present(readPostmaster(layoutOf(folder).data));
  expect(processIdentity(pid)).toBeDefined();
  await third.service.stop();
  expect(processIdentity(pid), 'the last to stop ends the server').toBeUndefined();
});
