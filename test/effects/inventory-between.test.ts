// What is told of statuses that are not Inventory's own, and of answers that cannot be read: a proxy between, a version
// that does not fit. Nothing of them gets out.
import {
  Metadata,
  Server,
  ServerCredentials,
  type ServiceError,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { getItem } from '../../src/api/inventory/items.ts';
import { targetOf } from '../../src/effects/inventory/channel.ts';
import type { InventoryConnection } from '../../src/effects/inventory/connection.ts';
import { overGrpc } from '../../src/effects/inventory/over-grpc.ts';
import { BadRequest, ErrorInfo } from '../../src/generated/google/rpc/error_details.ts';
import { Status } from '../../src/generated/google/rpc/status.ts';
import * as pb from '../../src/generated/synkro/inventory/v1/inventory.ts';
import { errorId, type Fakes, fakes } from '../grpc/support/fakes.ts';
import { hasty, outcomeOf } from './support/connections.ts';

let given: Fakes;
let inventory: InventoryConnection;
let url = '';
let reply: (callback: sendUnaryData<Buffer>) => void = () => {};
const server = new Server();

beforeAll(async () => {
  const raw = (bytes: Buffer) => bytes;
  server.addService(
    {
      getItem: {
        path: '/synkro.inventory.v1.InventoryService/GetItem',
        requestStream: false,
        responseStream: false,
        requestSerialize: raw,
        requestDeserialize: raw,
        responseSerialize: raw,
        responseDeserialize: raw,
      },
    },
    { getItem: (_call: unknown, callback: sendUnaryData<Buffer>) => reply(callback) },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  url = `http://127.0.0.1:${port}`;
  given = fakes();
  inventory = overGrpc({
    url,
    log: given.log,
    newId: () => errorId,
    limits: { ...hasty, retriesMax: 0, breakerFailuresMax: 1_000 },
  });
});
afterAll(async () => {
  await inventory.close();
  server.forceShutdown();
});
beforeEach(() => {
  given.logged.length = 0;
});

const ask = () =>
  outcomeOf(inventory.call(getItem, pb.GetItemRequest.create({ sku: 'A' }), { waitMs: 10_000 }));

function errorOf(code: status, bytes: Buffer | null = null): ServiceError {
  const metadata = new Metadata();
  if (bytes !== null) metadata.set('grpc-status-details-bin', bytes);
  return Object.assign(new Error('secret'), { code, details: 'secret upstream 10.0.0.7', metadata });
}

function packed(code: number, ...details: readonly (readonly [string, Uint8Array])[]): Buffer {
  const rpc: Status = {
    code,
    message: 'the message',
    details: details.map(([typeUrl, value]) => ({ typeUrl, value: Buffer.from(value) })),
  };
  return Buffer.from(Status.encode(rpc).finish());
}

const infoUrl = 'type.googleapis.com/google.rpc.ErrorInfo';
const info = (reason: string, domain = 'synkro', metadata: Record<string, string> = {}) =>
  [infoUrl, ErrorInfo.encode({ reason, domain, metadata }).finish()] as const;

describe('a status without details of ours', () => {
  test.each([
    ['UNAVAILABLE', 'unavailable'],
    ['CANCELLED', 'unavailable'],
    ['UNKNOWN', 'unavailable'],
    ['INTERNAL', 'unavailable'],
    ['ABORTED', 'unavailable'],
    ['DATA_LOSS', 'unavailable'],
    ['RESOURCE_EXHAUSTED', 'unavailable'],
    ['DEADLINE_EXCEEDED', 'deadline-exceeded'],
    ['UNIMPLEMENTED', 'unimplemented'],
    ['INVALID_ARGUMENT', 'internal'],
    ['NOT_FOUND', 'internal'],
    ['ALREADY_EXISTS', 'internal'],
    ['PERMISSION_DENIED', 'internal'],
    ['UNAUTHENTICATED', 'internal'],
    ['FAILED_PRECONDITION', 'internal'],
    ['OUT_OF_RANGE', 'internal'],
  ] as const)('%s is told as %s', async (name, code) => {
    reply = (callback) => callback(errorOf(status[name]));
    const outcome = await ask();
    expect(outcome).toMatchObject({ failure: { code } });
    expect(JSON.stringify(outcome)).not.toContain('secret');
    expect(JSON.stringify(outcome)).not.toContain('10.0.0.7');
  });

  test('is in the log, with what it says', async () => {
    reply = (callback) => callback(errorOf(status.PERMISSION_DENIED));
    await ask();
    expect(given.logged.filter((line) => line.includes('10.0.0.7') && line.includes('GetItem'))).toHaveLength(
      1,
    );
  });

  test.each<[string, Buffer]>([
    ['damaged', Buffer.from([0xff, 0xff, 0xff])],
    ['empty', Buffer.alloc(0)],
    ['of nobody', packed(9)],
    ['of another domain', packed(9, info('item-reserved', 'proxy.example'))],
    ['of a reason that we do not know', packed(9, info('brand-new'))],
    ['of a reason that every object has', packed(9, info('constructor'))],
    ['damaged within', packed(9, [infoUrl, new Uint8Array([0xff])])],
    ['of another type', packed(9, ['type.googleapis.com/x.ErrorInfo', info('item-reserved')[1]])],
  ])('details that are %s count as none', async (_what, bytes) => {
    reply = (callback) => callback(errorOf(status.FAILED_PRECONDITION, bytes));
    expect(await ask()).toEqual({ failure: { code: 'internal', message: 'Inventory could not be asked' } });
  });
});

test('details of ours are read, whatever the status beside them', async () => {
  const violations = BadRequest.encode({
    fieldViolations: [{ field: 'sku', description: 'is bad' }],
  }).finish();
  const bytes = packed(
    3,
    ['type.googleapis.com/google.rpc.BadRequest', violations],
    info('invalid-argument', 'synkro', { field: 'sku', more: 'x' }),
  );
  reply = (callback) => callback(errorOf(status.UNKNOWN, bytes));
  expect(await ask()).toEqual({
    failure: {
      code: 'invalid-argument',
      message: 'the message',
      field: 'sku',
      details: { more: 'x' },
      violations: [{ field: 'sku', description: 'is bad' }],
    },
  });
});

test('an answer that cannot be decoded: internal, with an id that is in the log', async () => {
  reply = (callback) => callback(null, Buffer.from([0x0a, 0xff]));
  expect(await ask()).toEqual({
    failure: { code: 'internal', message: `internal error ${errorId}`, details: { id: errorId } },
  });
  expect(given.logged.filter((line) => line.includes(errorId))).toHaveLength(1);
});

test('an answer longer than is taken: no crash, and a word in the log', async () => {
  const small = overGrpc({ url, log: given.log, limits: { ...hasty, retriesMax: 0, answerBytesMax: 100 } });
  const item = { sku: 'A', description: 'x'.repeat(1_000) };
  const bytes = pb.ItemResponse.encode(pb.ItemResponse.create({ item })).finish();
  reply = (callback) => callback(null, Buffer.from(bytes));
  const call = small.call(getItem, pb.GetItemRequest.create({ sku: 'A' }), { waitMs: 10_000 });
  expect(await outcomeOf(call)).toMatchObject({ failure: { code: 'unavailable' } });
  expect(given.logged.some((line) => line.includes('larger than max'))).toBe(true);
  await small.close();
});

describe('addresses', () => {
  test.each([
    ['inventory:50051', 'inventory:50051', false],
    ['grpc://inventory:50051', 'inventory:50051', false],
    ['grpc://Inventory.Internal:50051/', 'Inventory.Internal:50051', false],
    ['http://127.0.0.1:1', '127.0.0.1:1', false],
    ['grpcs://inventory:443', 'inventory:443', true],
    ['https://inventory:443', 'inventory:443', true],
    ['[::1]:50051', '[::1]:50051', false],
  ])('%s', (text, address, isSecure) => {
    expect(targetOf(text)).toEqual({ address, isSecure });
  });

  test.each([
    '',
    'inventory',
    'grpc://inventory',
    'ftp://inventory:1',
    'grpc://inventory:99999',
    'grpc://inventory:x',
    'grpc://user:password@inventory:1',
    'grpc://inventory:1/path',
    'grpc://inventory:1?a=b',
    'grpc://:50051',
    'in ventory:1',
  ])('%j is none', (text) => {
    expect(() => targetOf(text)).toThrow(RangeError);
  });
});
