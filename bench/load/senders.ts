// How a request of each job goes out over each way, and when its answer counts.
import { InventoryServiceService as inventory } from '../../src/generated/synkro/inventory/v1/inventory.ts';
import { LogisticsServiceService as logistics } from '../../src/generated/synkro/logistics/v1/logistics.ts';
import type { Line } from '../scenarios/scenarios.ts';
import { encodeId, encodeItems, frame, isGranted, messageOf } from './frames.ts';
import { Http1Client } from './http1-client.ts';
import { Http2Client } from './http2-client.ts';
import type { Send } from './loop.ts';
import { encodeKey, encodeOrder, orderBodyOf, outcomeOfBody, outcomeOfMessage } from './order-frames.ts';
import type { LoadPlan } from './plan.ts';

export interface Sender {
  readonly send: Send;
  close(): void;
}

type Baskets = readonly (readonly Line[])[];

interface Unary {
  readonly path: string;
  head(id: string): Uint8Array;
  rest(lines: readonly Line[]): Uint8Array;
  /** 'granted', 'refused' for want of stock, or a code of failure. */
  outcomeOf(message: Uint8Array): string;
}

const unary: Readonly<Record<LoadPlan['job'], Unary>> = {
  reserve: {
    path: inventory.checkAndReserveStock.path,
    head: encodeId,
    rest: encodeItems,
    outcomeOf: (message) => (isGranted(message) ? 'granted' : 'refused'),
  },
  order: {
    path: logistics.createOrder.path,
    head: encodeKey,
    rest: encodeOrder,
    outcomeOf: outcomeOfMessage,
  },
};

const statusCreated = 201;
const none = new Uint8Array();

export function senderOf(
  port: number,
  { job, way, outstanding }: Pick<LoadPlan, 'job' | 'way' | 'outstanding'>,
  baskets: Baskets,
): Sender {
  return way === 'rest' ? overRest(port, outstanding, baskets) : overGrpc(port, unary[job], baskets);
}

function overGrpc(port: number, { path, head, rest, outcomeOf }: Unary, baskets: Baskets): Sender {
  const client = new Http2Client(port, path);
  const encoded = baskets.map(rest);
  return {
    send(orderId, basket, tell) {
      client.call(frame(head(orderId), encoded[basket] ?? none), (status, answer) => {
        const message = status === '0' ? messageOf(answer) : null;
        if (message === null) tell(`grpc-status ${status === '' ? 'missing' : status}`, () => none);
        else tell(outcomeOf(message), () => Uint8Array.from(message));
      });
    },
    close: () => client.close(),
  };
}

/** Orders only. One that does not rest yet is answered with 202, and is a failure here: it was not confirmed. */
function overRest(port: number, connections: number, baskets: Baskets): Sender {
  const client = new Http1Client(port, connections);
  const bodies = baskets.map(orderBodyOf);
  const head =
    `POST /v1/orders HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\n` +
    'idempotency-key: ';
  return {
    send(orderId, basket, tell) {
      client.call(head + orderId, bodies[basket] ?? Buffer.alloc(0), (status, body) => {
        if (status !== statusCreated) tell(`http ${status}`, () => none);
        else tell(outcomeOfBody(body), () => Uint8Array.from(body));
      });
    },
    close: () => client.close(),
  };
}
