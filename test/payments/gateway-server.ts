// A payment gateway for tests: a real HTTP server that speaks docs/PAYMENTS.md, keeps every effect by its key, and has
// the faults that such servers have. It lives in the test's process, so it outlives a service that is killed. Tokens do
// what they do in the sandbox.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { uuidv5 } from '../../src/actors/ids.ts';
import { GatewayUnknownError, type PaymentNotice } from '../../src/payments/gateway.ts';
import { createSandbox } from '../../src/payments/sandbox.ts';
import { signatureHeader, verifyWebhook } from '../../src/payments/webhook.ts';
import { encodeAuthorization } from '../../src/payments/wire.ts';
import { type Answer, type Asked, type Effect, isAsked, Ledger, type Operation } from './support/ledger.ts';
import { type Delivery, WebhookSender } from './support/webhooks.ts';

export type { Effect, Operation } from './support/ledger.ts';

export interface Fault {
  /**
   * silent: there is no effect, and no answer. silent-after: the effect, and no answer. cut, cut-after: the connection
   * is ended before or after the effect. error, error-after: 500. busy: 429. slow: the answer comes after `ms`.
   * garbage: the effect, and an answer that nobody can read. twice: the answer comes by webhook too, twice. late:
   * pending, and the answer by webhook after `ms`. Those two are for authorizations.
   */
  readonly kind:
    | 'silent'
    | 'silent-after'
    | 'cut'
    | 'cut-after'
    | 'error'
    | 'error-after'
    | 'busy'
    | 'slow'
    | 'garbage'
    | 'twice'
    | 'late';
  /** All where it is not set. */
  readonly operation?: Operation;
  /** How many requests it strikes; all where it is not set. */
  readonly times?: number;
  readonly ms?: number;
}

export interface GatewayServer {
  readonly url: string;
  /** Of requests and of webhooks. */
  readonly secret: string;
  effects(): readonly Effect[];
  /** Those of an order that were approved or done. */
  doneFor(orderId: string, operation: Operation): readonly Effect[];
  /** What a correct client never does, such as a second capture of an order. */
  problems(): readonly string[];
  /** How many requests came, whatever became of them. */
  requests(): number;
  /** The only one from now on; null: none. */
  setFault(fault: Fault | null): void;
  /** Webhooks that are waiting are sent now. */
  sendWebhooksTo(url: string): void;
  deliveries(): readonly Delivery[];
  close(): Promise<void>;
}

export async function startGatewayServer(): Promise<GatewayServer> {
  const secret = 'the secret of a test gateway';
  const webhooks = new WebhookSender(secret);
  const sandbox = createSandbox({ notify: (notice) => webhooks.send(notice) });
  const ledger = new Ledger(sandbox);
  const desk = new Desk(ledger, webhooks, secret);
  const server = createServer((request, response) => void desk.take(request, response));
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  return {
    url: `http://127.0.0.1:${port}/v1`,
    secret,
    effects: () => ledger.effects(),
    doneFor: (orderId, operation) =>
      ledger
        .effects()
        .filter((each) => each.orderId === orderId && each.operation === operation)
        .filter(({ outcome }) => outcome === 'approved' || outcome === 'done'),
    problems: () => ledger.problems,
    requests: () => desk.requests,
    setFault: (fault) => desk.setFault(fault),
    sendWebhooksTo: (url) => webhooks.sendTo(url),
    deliveries: () => webhooks.deliveries,
    async close() {
      webhooks.close();
      desk.close();
      await sandbox.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

const paths: Readonly<Record<string, Operation>> = {
  '/v1/authorizations': 'authorization',
  '/v1/captures': 'capture',
  '/v1/voids': 'void',
  '/v1/refunds': 'refund',
};

/** Takes requests, and has the faults. */
class Desk {
  requests = 0;
  readonly #ledger: Ledger;
  readonly #webhooks: WebhookSender;
  readonly #secret: string;
  readonly #timers = new Set<NodeJS.Timeout>();
  /** By key: answers that are still pending to whoever asks. */
  readonly #late = new Map<string, 'pending' | 'told'>();
  #fault: Fault | null = null;
  #left = 0;

  constructor(ledger: Ledger, webhooks: WebhookSender, secret: string) {
    this.#ledger = ledger;
    this.#webhooks = webhooks;
    this.#secret = secret;
  }

  setFault(fault: Fault | null): void {
    this.#fault = fault;
    this.#left = fault?.times ?? Number.POSITIVE_INFINITY;
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  /** Never rejects. */
  async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests += 1;
    const body = await bodyOf(request).catch(() => null);
    // A client that was killed while it sent.
    if (body === null) return void response.destroy();
    await this.#read(request, response, body).catch((thrown: unknown) => {
      this.#ledger.problems.push(`the gateway itself failed: ${String(thrown)}`);
      response.destroy();
    });
  }

  async #read(request: IncomingMessage, response: ServerResponse, body: string): Promise<void> {
    const operation = paths[request.url ?? ''];
    if (request.method !== 'POST' || operation === undefined)
      return send(response, 404, { error: 'no such path' });
    const problem = this.#problemOf(request, operation, body);
    if (typeof problem === 'string') {
      this.#ledger.problems.push(problem);
      return send(response, 400, { error: problem });
    }
    await this.#answer(operation, problem, body, response, this.#strike(operation));
  }

  #problemOf(request: IncomingMessage, operation: Operation, body: string): string | Asked {
    const header = request.headers[signatureHeader];
    const verified = verifyWebhook({
      secrets: [this.#secret],
      header: typeof header === 'string' ? header : undefined,
      body,
      now: Date.now(),
    });
    if (!verified.ok) return verified.reason;
    const asked: unknown = JSON.parse(body);
    if (!isAsked(asked)) return `a body that is no ${operation}: ${body}`;
    if (asked.operation !== operation) return `${asked.operation} was sent as ${operation}`;
    if (asked.key !== request.headers['idempotency-key']) return `${asked.key}: another key in the header`;
    return asked;
  }

  #strike(operation: Operation): Fault | null {
    const fault = this.#fault;
    if (fault === null || this.#left <= 0) return null;
    if (fault.operation !== undefined && fault.operation !== operation) return null;
    this.#left -= 1;
    return fault;
  }

  async #answer(
    operation: Operation,
    asked: Asked,
    body: string,
    response: ServerResponse,
    fault: Fault | null,
  ): Promise<void> {
    if (fault?.kind === 'silent') return;
    if (fault?.kind === 'cut') return void response.destroy();
    if (fault?.kind === 'error') return send(response, 500, { error: 'out of order' });
    if (fault?.kind === 'busy') return send(response, 429, { error: 'busy' }, { 'retry-after': '0' });
    const answer = await this.#perform(operation, asked, body);
    if (answer === 'none') return void response.destroy();
    if (answer === null) return send(response, 409, { error: 'other content under this key' });
    if (fault?.kind === 'silent-after') return;
    if (fault?.kind === 'cut-after') return void response.destroy();
    if (fault?.kind === 'error-after') return send(response, 500, { error: 'out of order' });
    if (fault?.kind === 'garbage') return send(response, 200, { outcome: 'perhaps' });
    if (fault?.kind === 'slow') return this.#after(fault.ms ?? 0, () => sendAnswer(response, answer));
    if (fault?.kind === 'twice') this.#tell(asked, answer, 2);
    if (fault?.kind === 'late') this.#beLate(asked, answer, fault.ms ?? 0);
    if (this.#late.get(asked.key) !== 'pending') return sendAnswer(response, answer);
    send(response, 202, { outcome: 'pending', transactionId: uuidv5(asked.key) });
  }

  async #perform(operation: Operation, asked: Asked, body: string): Promise<Answer | null | 'none'> {
    try {
      return await this.#ledger.perform(operation, asked, body);
    } catch (thrown) {
      if (thrown instanceof GatewayUnknownError) return 'none';
      throw thrown;
    }
  }

  #beLate(asked: Asked, answer: Answer, ms: number): void {
    if (this.#late.has(asked.key)) return;
    this.#late.set(asked.key, 'pending');
    this.#after(ms, () => {
      this.#late.set(asked.key, 'told');
      this.#tell(asked, answer, 1);
    });
  }

  #tell(asked: Asked, answer: Answer, times: number): void {
    const { key, paymentId = '', orderId = '' } = asked;
    if (answer.outcome === 'pending' || answer.outcome === 'done') return;
    const notice: PaymentNotice = { id: uuidv5(`${key}:notice`), paymentId, orderId, authorization: answer };
    for (let time = 0; time < times; time += 1) this.#webhooks.send(notice);
  }

  #after(ms: number, task: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      task();
    }, ms);
    this.#timers.add(timer);
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function sendAnswer(response: ServerResponse, answer: Answer): void {
  const isAuthorization = answer.outcome === 'approved' || answer.outcome === 'pending';
  const status = answer.outcome === 'pending' ? 202 : answer.outcome === 'declined' ? 402 : 200;
  send(response, status, isAuthorization ? encodeAuthorization(answer) : answer);
}

function send(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}
