// A way to the database that can go dead: the connections stay open, and nothing comes through any more.
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

type Mode = 'open' | 'swallow everything' | 'swallow answers';

export interface DatabaseProxy {
  readonly url: string;
  /** Connections that the client has not given up. */
  readonly clients: number;
  /** Says what happens to the connections that there are, and to those that come, until `heal`. */
  break(mode: Exclude<Mode, 'open'>): void;
  /** Lets new connections through again; the broken ones stay dead. */
  heal(): void;
  close(): Promise<void>;
}

export async function startProxy(databaseUrl: string): Promise<DatabaseProxy> {
  const target = new URL(databaseUrl);
  const clients = new Set<Socket>();
  const upstreams = new Set<Socket>();
  const broken = new Map<Socket, Mode>();
  let mode: Mode = 'open';
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    clients.add(client);
    upstreams.add(upstream);
    if (mode !== 'open') broken.set(client, mode);
    client.on('data', (chunk) => {
      if (broken.get(client) !== 'swallow everything') upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      if (!broken.has(client)) client.write(chunk);
    });
    client.on('close', () => {
      clients.delete(client);
      if (!broken.has(client)) upstream.destroy();
    });
    upstream.on('close', () => {
      upstreams.delete(upstream);
      if (!broken.has(client)) client.destroy();
    });
    // Resets are what this is for.
    client.on('error', () => client.destroy());
    upstream.on('error', () => upstream.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String(address.port);
  return {
    url: url.href,
    get clients() {
      return clients.size;
    },
    break(how) {
      mode = how;
      for (const client of clients) broken.set(client, how);
    },
    heal() {
      mode = 'open';
    },
    async close() {
      for (const socket of [...clients, ...upstreams]) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
