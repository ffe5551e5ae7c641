// A wire that tests break: a TCP proxy in front of a real server.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

export class TcpProxy {
  readonly #listener: Server;
  readonly #target: { readonly host: string; readonly port: number };
  readonly #pairs = new Set<Pair>();
  #isBlackHole = false;
  #isRefusing = false;
  #refused = 0;

  private constructor(target: { readonly host: string; readonly port: number }) {
    this.#target = target;
    this.#listener = createServer((client) => this.#accept(client));
  }

  static async open(target: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    proxy.#listener.listen(0, '127.0.0.1');
    await once(proxy.#listener, 'listening');
    return proxy;
  }

  get port(): number {
    const address: AddressInfo | string | null = this.#listener.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy does not listen');
    return address.port;
  }

  /** The same URL, through here. */
  url(direct: string): string {
    const url = new URL(direct);
    url.host = `127.0.0.1:${this.port}`;
    return url.href;
  }

  get connections(): number {
    return this.#pairs.size;
  }

  /** Connections that were refused. */
  get refused(): number {
    return this.#refused;
  }

  /** Both sides hear of it. */
  cut(): void {
    for (const { client, server } of this.#pairs) {
      client.destroy();
      server.destroy();
    }
  }

  /** Nobody hears anything, and new connections get no answer either, until restore(). */
  blackHole(): void {
    this.#isBlackHole = true;
    for (const pair of this.#pairs) this.#hold(pair);
  }

  /** The server hears that the client is gone; the client hears nothing. New connections work. */
  halfOpen(): void {
    for (const pair of this.#pairs) {
      this.#hold(pair);
      pair.server.destroy();
    }
  }

  refuse(): void {
    this.#isRefusing = true;
    this.cut();
  }

  /** New connections work; those in the black hole stay there. */
  restore(): void {
    this.#isBlackHole = false;
    this.#isRefusing = false;
  }

  /** As if the server had said it; between two frames only. */
  tellClients(bytes: Buffer): void {
    for (const { client } of this.#pairs) client.write(bytes);
  }

  async close(): Promise<void> {
    this.cut();
    this.#listener.close();
    await once(this.#listener, 'close');
  }

  #accept(client: Socket): void {
    if (this.#isRefusing) {
      this.#refused += 1;
      client.destroy();
      return;
    }
    const pair = { client, server: connect({ ...this.#target, noDelay: true }) };
    const { server } = pair;
    this.#pairs.add(pair);
    client.setNoDelay(true);
    client.on('error', () => server.destroy());
    server.on('error', () => undefined);
    client.on('close', () => {
      this.#pairs.delete(pair);
      server.destroy();
    });
    server.on('close', () => {
      if (!client.isPaused()) client.destroy();
    });
    client.pipe(server);
    server.pipe(client);
    if (this.#isBlackHole) this.#hold(pair);
  }

  #hold({ client, server }: Pair): void {
    client.unpipe(server);
    server.unpipe(client);
    client.pause();
    server.pause();
  }
}
