// The way from the service to the broker, which the benchmark cuts and mends: the broker itself is others' as well.
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

const plainPort = 5_672;

export class Wire {
  readonly #target: URL;
  readonly #sockets = new Set<Socket>();
  #listener: Server | undefined;
  #port = 0;

  private constructor(target: URL) {
    this.#target = target;
  }

  /** @param amqpUrl of a broker without TLS: its name would not be this wire's */
  static async open(amqpUrl: string): Promise<Wire> {
    const wire = new Wire(new URL(amqpUrl));
    await wire.mend();
    return wire;
  }

  /** The broker's, through here. */
  get url(): string {
    const url = new URL(this.#target);
    url.host = `127.0.0.1:${this.#port}`;
    return url.href;
  }

  /** Connections break, and new ones are refused. */
  async cut(): Promise<void> {
    const listener = this.#listener;
    this.#listener = undefined;
    if (listener === undefined) return;
    const closed = once(listener, 'close');
    listener.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** At the same port as before. */
  async mend(): Promise<void> {
    const listener = createServer((client) => this.#join(client));
    listener.listen(this.#port, '127.0.0.1');
    await once(listener, 'listening');
    this.#listener = listener;
    const address = listener.address();
    if (address !== null && typeof address === 'object') this.#port = address.port;
  }

  #join(client: Socket): void {
    const { hostname, port } = this.#target;
    const server = connect({ host: hostname, port: port === '' ? plainPort : Number(port), noDelay: true });
    client.setNoDelay(true);
    for (const [near, far] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(near);
      near.on('error', () => far.destroy());
      near.on('close', () => {
        this.#sockets.delete(near);
        far.destroy();
      });
      near.pipe(far);
    }
  }
}
