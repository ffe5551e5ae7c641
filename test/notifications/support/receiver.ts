// A receiver of webhooks on a real socket, which answers as it is told and looks at every signature itself, as the
// specification of Standard Webhooks says (not with the code under test).
import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isObject } from '../../../src/actors/shape.ts';
import { until } from '../../support/until.ts';

export const secrets = [
  `whsec_${Buffer.from('the first secret of it').toString('base64')}`,
  'the-second-secret-of-it',
];

export interface Received {
  readonly id: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** Milliseconds of the process. */
  readonly at: number;
  /** Whether there was a right signature for each secret, and no other, within five minutes. */
  readonly isSigned: boolean;
}

export type Answer =
  | number
  | 'hang'
  | 'cut'
  | { status: number; headers: Record<string, string>; body?: string };

export class Receiver {
  readonly received: Received[] = [];
  /** Told how to answer each request; 204 where nothing else is said. */
  answer: (received: Received) => Answer = () => 204;
  readonly #server: Server;
  #port = 0;

  constructor() {
    this.#server = createServer((request, response) => void this.#take(request, response));
  }

  static async start(): Promise<Receiver> {
    const receiver = new Receiver();
    await receiver.listen();
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/hook`;
  }

  get ids(): readonly string[] {
    return this.received.map(({ id }) => id);
  }

  /** On the port that it had. */
  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#port, '127.0.0.1', resolve);
    });
    const address = this.#server.address();
    this.#port = typeof address === 'object' && address !== null ? address.port : 0;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async has(count: number): Promise<void> {
    const seen = () => this.received.length;
    await until(`${count} webhooks`, () => this.received.length >= count, 10_000, seen);
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString('utf8');
    const body: unknown = JSON.parse(text);
    if (!isObject(body)) throw new TypeError('a webhook is not an object');
    const id = String(request.headers['webhook-id']);
    const received = { id, body, at: performance.now(), isSigned: isSigned(request, id, text) };
    this.received.push(received);
    const answer = this.answer(received);
    if (answer === 'cut') request.socket.destroy();
    else if (typeof answer === 'number') response.writeHead(answer).end();
    else if (answer !== 'hang') response.writeHead(answer.status, answer.headers).end(answer.body ?? '');
  }
}

function isSigned({ headers, method }: IncomingMessage, id: string, text: string): boolean {
  const timestamp = String(headers['webhook-timestamp']);
  const keys = [Buffer.from('the first secret of it'), Buffer.from('the-second-secret-of-it')];
  const expected = keys.map(
    (key) => `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${text}`).digest('base64')}`,
  );
  const isTimely = Math.abs(Date.now() / 1_000 - Number(timestamp)) < 300;
  return method === 'POST' && isTimely && headers['webhook-signature'] === expected.join(' ');
}
