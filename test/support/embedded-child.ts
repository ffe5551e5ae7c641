/**
 * A process that uses the embedded server, for tests that kill it. Arguments: data folder, `--stop-on-exit`. Says
 * {"pid","port","adopted","url"} once the server is up; a line on its input tells it to `stop` or to `exit`.
 */
import { createInterface } from 'node:readline';
import { startEmbedded } from '../../src/persistence/embedded/server.ts';

const [dataDir = '', flag] = process.argv.slice(2);
const server = await startEmbedded({
  dataDir,
  log: (line) => console.error(line),
  stopOnExit: flag === '--stop-on-exit',
});
const { pid, port, adopted } = server;
console.log(JSON.stringify({ pid, port, adopted, url: server.url('postgres') }));

for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'stop') await server.stop('fast');
  process.exit(0);
}
