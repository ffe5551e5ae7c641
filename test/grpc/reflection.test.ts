// Reflection, as clients that know nothing of the contract use it.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { loadSync } from '@grpc/proto-loader';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Harness, serve } from './support/client.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await serve();
});
afterAll(() => harness.stop());

describe.each(['v1', 'v1alpha'])('reflection %s', (version) => {
  test('lists the services that are served', async () => {
    expect(await ask(version, { listServices: '*' })).toMatchObject({
      listServicesResponse: {
        service: expect.arrayContaining([
          { name: 'synkro.inventory.v1.InventoryService' },
          { name: 'grpc.health.v1.Health' },
        ]),
      },
    });
  });

  test.each([
    ['synkro.inventory.v1.InventoryService', 'synkro/inventory/v1/inventory.proto'],
    ['google.rpc.ErrorInfo', 'google/rpc/error_details.proto'],
    ['grpc.health.v1.Health', 'health/v1/health.proto'],
  ])('has the file of %s, and every file that it depends on', async (symbol, name) => {
    const [first] = filesOf(await ask(version, { fileContainingSymbol: symbol }));
    expect(first?.name).toBe(name);
    const seen = new Set<string>();
    const open = [name];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (seen.has(next)) continue;
      seen.add(next);
      const [file] = filesOf(await ask(version, { fileByFilename: next }));
      expect(file?.name).toBe(next);
      open.push(...(file?.dependency ?? []));
    }
    if (symbol.startsWith('synkro.')) expect(seen).toContain('google/protobuf/timestamp.proto');
  });
});

describe('buf curl, which knows nothing but names,', () => {
  test('calls a method', async () => {
    const answer = await bufCurl('--reflect', '-d', '{"sku":"F"}', `${inventory}/GetItem`);
    expect(JSON.parse(answer)).toMatchObject({ item: { sku: '85123A' } });
  });

  test('asks for health', async () => {
    const answer = await bufCurl('--reflect', '-d', '{}', '/grpc.health.v1.Health/Check');
    expect(JSON.parse(answer)).toEqual({ status: 'SERVING' });
  });

  test('lists the methods of all services', async () => {
    const methods = (await bufCurl('--list-methods', '')).trim().split('\n');
    expect(methods).toEqual(
      expect.arrayContaining(['grpc.health.v1.Health/Check', `${inventory.slice(1)}/GetItem`]),
    );
  });
});

const inventory = '/synkro.inventory.v1.InventoryService';

async function bufCurl(...args: readonly string[]): Promise<string> {
  const options = ['curl', '--http2-prior-knowledge', '--protocol', 'grpc', ...args.slice(0, -1)];
  const url = `http://${harness.address}${args.at(-1)}`;
  return (await promisify(execFile)('node_modules/.bin/buf', [...options, url])).stdout;
}

function ask(version: string, request: object): Promise<unknown> {
  const proto = loadSync(`reflection/${version}/reflection.proto`, {
    includeDirs: ['node_modules/@grpc/reflection/build/proto/grpc'],
  });
  const service = proto[`grpc.reflection.${version}.ServerReflection`] ?? {};
  const method = Reflect.get(service, 'ServerReflectionInfo');
  return new Promise((resolve, reject) => {
    const call = harness.client.makeBidiStreamRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
    );
    call.on('data', resolve);
    call.on('error', reject);
    call.write(request);
    call.end();
  });
}

function filesOf(answer: unknown) {
  const response = Reflect.get(Object(answer), 'fileDescriptorResponse');
  const files: unknown = Reflect.get(Object(response), 'fileDescriptorProto');
  if (!Array.isArray(files)) throw new Error(`no file: ${JSON.stringify(answer)}`);
  return files.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes));
}
