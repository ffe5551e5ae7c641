import { Client, credentials, status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { CallError, ServiceCaller } from '../../src/cli/client.ts';
import { progressText } from '../../src/cli/progress.ts';
import { InventoryServiceService as inventory } from '../../src/generated/synkro/inventory/v1/inventory.ts';
import { FakeService } from './fake-service.ts';

function callerOf(service: FakeService, signal?: AbortSignal) {
  const waits: number[] = [];
  const clock = {
    now: () => performance.now(),
    random: () => 0,
    sleep: async (ms: number) => {
      waits.push(ms);
    },
  };
  const channel = new Client(service.address, credentials.createInsecure());
  return { waits, caller: new ServiceCaller([channel], signal, clock) };
}

const page = { pageSize: 1, pageToken: '' };

describe('calls', () => {
  test('a refusal that says when to come back is repeated then', async () => {
    await using service = await new FakeService().start();
    service.fault = (_method, n) =>
      n === 1 ? { code: status.RESOURCE_EXHAUSTED, applied: false, retryAfterMs: 1_250 } : undefined;
    const { caller, waits } = callerOf(service);
    await caller.call(inventory.listWarehouses, page);
    expect(waits).toEqual([1_250]);
    expect(caller.retries).toBe(1);
    caller.close();
  });

  test('an error carries the method, the status and the stable code', async () => {
    await using service = await new FakeService().start();
    const { caller } = callerOf(service);
    const failing = caller.call(inventory.getItem, { id: '', sku: 'X' });
    await expect(failing).rejects.toThrow("GetItem: NOT_FOUND: no item 'X'");
    await expect(failing).rejects.toMatchObject({ code: status.NOT_FOUND, reason: 'FAKE', answered: true });
    await expect(failing).rejects.toBeInstanceOf(CallError);
    caller.close();
  });

  test('nothing is repeated once the signal is raised', async () => {
    await using service = await new FakeService().start();
    service.fault = () => ({ code: status.UNAVAILABLE, applied: false });
    const { caller } = callerOf(service, AbortSignal.abort('stopped'));
    await expect(caller.call(inventory.listWarehouses, page)).rejects.toMatchObject({ answered: false });
    expect(service.callsOf('listWarehouses')).toBe(1);
    caller.close();
  });
});

describe('the progress line', () => {
  test.each([
    [{ done: 0, total: 10, text: 'x' }, 1_000, false, '0 %, x'],
    [{ done: 5, total: 20, text: 'x' }, 30_000, false, '25 %, x, ETA 1 min 30 s'],
    [{ done: 20, total: 20, text: 'x' }, 2_000, true, '100 %, x, 2 s'],
    [{ done: 0, total: 0, text: 'x' }, 500, true, '0 %, x, 1 s'],
    [{ done: 7, total: undefined, text: 'x' }, 500, false, 'x'],
  ])('%j after %i ms', (state, elapsedMs, ended, text) => {
    expect(progressText(state, elapsedMs, ended)).toBe(text);
  });
});
