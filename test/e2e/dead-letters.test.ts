// Without a broker: what a consumer could not take in lies in the database, and the process that runs handles it again where
// somebody asks with `synkro dead-letters`.
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { run } from '../../src/cli/dead-letters.ts';
import { openClient } from '../../src/persistence/connect.ts';
import { putDeadLetter } from '../../src/persistence/dead-letters.ts';
import { recordedIo } from '../cli/support.ts';
import { expiry, line } from '../effects/support/events.ts';
import { Installation } from '../support/events/installation.ts';
import { RecordedLog } from '../support/rabbit.ts';
import { until } from '../support/until.ts';

let shop: Installation;

beforeAll(async () => {
  shop = await Installation.open({ roles: ['all'], amqpUrl: null });
});

afterAll(async () => {
  await shop.stop();
  await shop.close();
});

afterEach(() => vi.unstubAllEnvs());

async function deadLetters(...argv: string[]): Promise<string> {
  vi.stubEnv('INVENTORY_DATABASE_URL', shop.databases.inventory.url);
  vi.stubEnv('LOGISTICS_DATABASE_URL', shop.databases.logistics.url);
  const io = recordedIo();
  const code = await run([...argv, '--queue', 'order_processing'], io);
  expect(code, io.stderr.join('\n')).toBe(0);
  return io.stdout.join('\n');
}

test('what was put aside is listed, handled again by the process that runs, and gone', async () => {
  const event = expiry('put-aside', [line('clock', 4)]);
  const client = openClient('work', { url: shop.databases.inventory.url, log: new RecordedLog() });
  const letter = { message: JSON.stringify(event), reason: 'a fault that is mended', attempts: 5 };
  await putDeadLetter(client, 'order_processing', { messageId: event.id, ...letter });
  await putDeadLetter(client, 'order_processing', { messageId: 'gone', ...letter, message: '{}' });
  await client.close();

  expect(await deadLetters('list')).toContain('a fault that is mended');
  await deadLetters('replay', '--all');
  const supply = async (): Promise<unknown> => (await shop.fetch('all', '/v1/supply/sku:clock')).json();
  await expect.poll(supply, { timeout: 10_000 }).toMatchObject({ expiredHolds: 1, expiredUnits: 4 });
  await until('the letter to be gone', async () => !(await deadLetters('list')).includes(event.id));
  // What cannot be handled says why, and stays until it is dropped.
  await expect.poll(() => deadLetters('list'), { timeout: 10_000 }).toContain('no event of this release');
  await deadLetters('drop', '--all');
  expect(await deadLetters('list')).not.toContain('gone');
});
