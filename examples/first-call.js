// A first call, as any gRPC client would make it: a warehouse, an item with ten units, and three of them reserved.
// Run `npm start` first, then `node examples/first-call.js [HOST:PORT]`.
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const proto = fileURLToPath(new URL('../proto', import.meta.url));
const definition = loadSync('synkro/inventory/v1/inventory.proto', {
  includeDirs: [proto],
  longs: String,
  enums: String,
  defaults: true,
});
const { InventoryService } = grpc.loadPackageDefinition(definition).synkro.inventory.v1;
const client = new InventoryService(process.argv[2] ?? '127.0.0.1:50051', grpc.credentials.createInsecure());
const call = (method, request) => promisify(client[method].bind(client))(request);

// The idempotency keys make it safe to run this again: the first answers come back, and nothing happens twice.
const { warehouse } = await call('createWarehouse', { name: 'London', idempotencyKey: 'first-call' });
await call('createItem', {
  sku: 'MUG-BLUE',
  name: 'Blue mug',
  initialLevels: [{ warehouseId: warehouse.id, quantity: 10 }],
  idempotencyKey: 'first-call',
});
const answer = await call('checkAndReserveStock', {
  orderId: 'order-1',
  items: [{ sku: 'MUG-BLUE', quantity: 3 }],
  ttlSeconds: 900,
});
console.log(JSON.stringify(answer, null, 2));
client.close();
