// The gRPC channel to Inventory's process, and one try of one call on it. Bytes go in and bytes come out: what was
// answered is decoded where faults in it are not taken for faults of the network.
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import type { Logger } from 'pino';
import type { EdgeFailure } from '../../api/errors.ts';
import { Status } from '../../generated/google/rpc/status.ts';
import type { Tried } from './breaker.ts';
import type { Closing } from './closing.ts';
import { closed, notInTime } from './connection.ts';
import type { RemoteLimits } from './limits.ts';
import { failureOfStatus } from './told-failure.ts';

export const inventoryService = '/synkro.inventory.v1.InventoryService/';

export interface Target {
  readonly address: string;
  readonly isSecure: boolean;
}

/**
 * `host:port`, `grpc://host:port` and `http://host:port` without TLS; `grpcs://` and `https://` with it.
 * @throws RangeError where it is none of these
 */
export function targetOf(url: string): Target {
  const [, scheme = 'grpc', rest = ''] = /^(?:([a-z]+):\/\/)?([^/]+)\/?$/.exec(url) ?? [];
  const isSecure = scheme === 'grpcs' || scheme === 'https';
  // Of a URL whose scheme has no port of its own, so that the port is kept as it is.
  const parsed = URL.parse(`grpc://${rest}`);
  const isKnown = isSecure || scheme === 'grpc' || scheme === 'http';
  if (!isKnown || parsed === null || parsed.port === '' || parsed.host.toLowerCase() !== rest.toLowerCase()) {
    throw new RangeError('must be an address such as grpc://inventory.internal:50051, or grpcs:// for TLS');
  }
  return { address: rest, isSecure };
}

export function openClient({ address, isSecure }: Target, limits: RemoteLimits): Client {
  return new Client(address, isSecure ? credentials.createSsl() : credentials.createInsecure(), {
    'grpc.max_receive_message_length': limits.answerBytesMax,
    'grpc.max_send_message_length': -1,
    'grpc.initial_reconnect_backoff_ms': limits.reconnectMsMin,
    'grpc.max_reconnect_backoff_ms': limits.reconnectMsMax,
    'grpc.keepalive_time_ms': limits.keepaliveIntervalMs,
    'grpc.keepalive_timeout_ms': limits.keepaliveTimeoutMs,
    // What is safe to repeat is decided in repeat.ts, and counted there.
    'grpc.enable_retries': 0,
  });
}

export interface Attempt {
  readonly method: string;
  readonly bytes: Uint8Array;
  readonly key: string;
  readonly waitMs: number;
}

/** Never rejects. @param closing ends it */
export function attempt(client: Client, request: Attempt, closing: Closing, log: Logger): Promise<Tried> {
  const metadata = new Metadata();
  if (request.key !== '') metadata.set('idempotency-key', request.key);
  return new Promise((resolve) => {
    const call = client.makeUnaryRequest(
      `${inventoryService}${request.method}`,
      (bytes: Uint8Array) => Buffer.from(bytes),
      (bytes: Buffer) => bytes,
      request.bytes,
      metadata,
      { deadline: Date.now() + request.waitMs },
      (error, answer) => {
        callOff();
        if (error === null && answer !== undefined) resolve({ answer });
        else if (closing.isClosed) resolve({ failure: closed });
        else resolve({ failure: failureOfError(error, request.method, log) });
      },
    );
    const callOff = closing.onClose(() => call.cancel());
  });
}

/** What Inventory told, or what can be said of a status that is not Inventory's: nothing of whose it is gets out. */
export function failureOfError(error: ServiceError | null, method: string, log: Logger): EdgeFailure {
  const told = toldFailureOf(error);
  if (told !== null) return told;
  const { code = status.UNKNOWN, details = '' } = error ?? {};
  if (code === status.DEADLINE_EXCEEDED) return notInTime;
  if (code === status.UNIMPLEMENTED) return { code: 'unimplemented', message: `Inventory has no ${method}` };
  if (code !== status.UNAVAILABLE) {
    log.warn(
      { method, status: status[code], details },
      'a call of Inventory ended in a way that is not its own',
    );
  }
  return isNeverRepeatable.has(code) ? refusedOnTheWay : unreachable;
}

/** Of a status that somebody on the way made, these stay the same however often it is asked. */
const isNeverRepeatable: ReadonlySet<status> = new Set([
  status.INVALID_ARGUMENT,
  status.NOT_FOUND,
  status.ALREADY_EXISTS,
  status.PERMISSION_DENIED,
  status.FAILED_PRECONDITION,
  status.OUT_OF_RANGE,
  status.UNAUTHENTICATED,
]);

const unreachable: EdgeFailure = {
  code: 'unavailable',
  message: 'Inventory cannot be reached at the moment',
};
const refusedOnTheWay: EdgeFailure = { code: 'internal', message: 'Inventory could not be asked' };

function toldFailureOf(error: ServiceError | null): EdgeFailure | null {
  const bytes = error?.metadata?.get('grpc-status-details-bin')[0];
  if (!Buffer.isBuffer(bytes)) return null;
  try {
    return failureOfStatus(Status.decode(bytes));
  } catch {
    return null;
  }
}
