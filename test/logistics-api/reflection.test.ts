// LogisticsService as clients meet it that know nothing but names, and that all of the contract is served.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LogisticsServiceService } from '../../src/generated/synkro/logistics/v1/logistics.ts';
import { logisticsService, logisticsServiceName } from '../../src/grpc/logistics-service.ts';
import { OpenCalls } from '../../src/grpc/open-calls.ts';
import { orderId } from '../http/support/logistics-fakes.ts';
import { type Harness, serve } from './support/client.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await serve();
});
afterAll(() => harness.stop());

const methods = Object.values(LogisticsServiceService).map(({ path }) => path.slice(1));

async function bufCurl(path: string, ...options: readonly string[]): Promise<string> {
  const args = ['curl', '--http2-prior-knowledge', '--protocol', 'grpc', ...options];
  return (await promisify(execFile)('node_modules/.bin/buf', [...args, `http://${harness.address}${path}`]))
    .stdout;
}

test('every method of the contract is served, as the contract has it', () => {
  const { definition, implementation } = logisticsService(harness.fakes, new OpenCalls());
  const told = (given: Readonly<Record<string, (typeof definition)[string]>>) =>
    Object.values(given)
      .map(({ path, requestStream, responseStream }) => ({ path, requestStream, responseStream }))
      .sort((a, b) => (a.path < b.path ? -1 : 1));
  expect(told(definition)).toEqual(told(LogisticsServiceService));
  expect(Object.keys(implementation).sort()).toEqual(Object.keys(definition).sort());
});

test('reflection lists all of them', async () => {
  const listed = (await bufCurl('', '--list-methods')).trim().split('\n');
  expect(listed).toEqual(expect.arrayContaining(methods));
});

test('one of them is called by its name alone', async () => {
  const request = JSON.stringify({ orderId });
  const answer: unknown = JSON.parse(
    await bufCurl(`/${logisticsServiceName}/GetOrder`, '--reflect', '-d', request),
  );
  expect(answer).toMatchObject({ order: { id: orderId, status: 'ORDER_STATUS_CONFIRMED' }, atRest: true });
});

test('the docs list every method that came after the settled contract', async () => {
  const docs = await readFile(new URL('../../docs/GRPC.md', import.meta.url), 'utf8');
  const settled =
    'CreateOrder GetOrder UpdateOrderStatus ListOrders StreamOrderUpdates CancelOrder ReturnItems CreateCustomer GetCustomer';
  const names = methods.map((path) => path.split('/')[1] ?? '');
  const later = names.filter((name) => !settled.split(' ').includes(name));
  expect(later).toHaveLength(7);
  for (const name of later) expect(docs).toContain(`\`${name}\``);
});
