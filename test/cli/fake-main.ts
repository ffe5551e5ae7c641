// Stands in for the program's main file in the demo's tests: `serve` is the service in memory, `audit` finds what
// FAKE_AUDIT says. Writes what it was started with to FAKE_TRACE, so that tests can look at it.
import { appendFileSync } from 'node:fs';
import { FakeService } from './fake-service.ts';

const [, , command] = process.argv;
const failure = process.env['FAKE_FAILURE'];
const trace = process.env['FAKE_TRACE'];
const foreign = ['INVENTORY', 'LOGISTICS', 'PAYMENT', 'AMQP', 'REDIS', 'ROLE'];
const led = Object.keys(process.env).filter((name) => foreign.some((prefix) => name.startsWith(prefix)));
const settings = { command, dataDir: process.env['DATA_DIR'], led };
if (trace !== undefined) appendFileSync(trace, `${JSON.stringify({ ...settings, pid: process.pid })}\n`);

if (command === 'audit') {
  const found = process.env['FAKE_AUDIT'];
  if (found !== undefined) console.log(found);
  process.exit(found === undefined ? 0 : 1);
}
if (failure === 'start') {
  console.error('cannot start: no disk');
  process.exit(3);
}
const service = await new FakeService().start();
if (failure === 'crash') {
  service.fault = (method) => {
    if (method === 'updateOrderStatus') process.exit(9);
    return undefined;
  };
}
process.once('SIGTERM', () => {
  service.stop();
  process.exit(failure === 'stop' ? 4 : 0);
});
const grpc = Number(service.address.split(':')[1]);
console.log(JSON.stringify({ level: 30, msg: 'getting "ready"' }));
console.log(JSON.stringify({ event: 'ready', http: 1, grpc, more: true }));
