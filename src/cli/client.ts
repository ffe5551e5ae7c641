// The command line's gRPC client: promises over the generated definitions, with a deadline a try, retries of what is
// safe to repeat, and several channels. Every request given to it must be repeatable: it reads, or carries a key.
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { ErrorInfo, RetryInfo } from '../generated/google/rpc/error_details.ts';
import { Status } from '../generated/google/rpc/status.ts';
import { answerBytesMax, callDeadlineMs, callGiveUpMs } from './limits.ts';
import { isRetryable, type RetryClock, systemClock, withRetry } from './retry.ts';

/** What the generated service definition says of a unary method. */
export interface UnaryMethod<Q, A> {
  readonly path: string;
  requestSerialize(value: Q): Buffer;
  responseDeserialize(value: Buffer): A;
}

/** What the service answered instead of a result, after all tries. */
export class CallError extends Error {
  override readonly name = 'CallError';
  readonly code: status;
  /** The stable code of the service (ErrorInfo.reason), empty where it gave none. */
  readonly reason: string;
  readonly askedDelayMs: number | undefined;

  constructor(method: string, error: ServiceError) {
    super(`${methodName(method)}: ${status[error.code] ?? error.code}: ${error.details}`, { cause: error });
    const details = statusDetails(error.metadata);
    this.code = error.code;
    this.reason = details.reason;
    this.askedDelayMs = details.askedDelayMs;
  }

  /**
   * False where the call may or may not have had its effect: no answer, or a failure inside the service. Any other
   * status says that nothing was changed.
   */
  get answered(): boolean {
    return !unansweredCodes.has(this.code);
  }
}

const unansweredCodes: ReadonlySet<status> = new Set([
  status.CANCELLED,
  status.UNKNOWN,
  status.DEADLINE_EXCEEDED,
  status.RESOURCE_EXHAUSTED,
  status.INTERNAL,
  status.UNAVAILABLE,
  status.DATA_LOSS,
]);

export interface CallOptions {
  /** All tries together. */
  readonly giveUpMs?: number;
}

export class ServiceCaller {
  readonly #channels: readonly Client[];
  readonly #metadata = new Metadata();
  readonly #clock: RetryClock;
  readonly #signal: AbortSignal | undefined;
  #next = 0;
  #retries = 0;

  /** @param signal once raised, nothing is repeated any more */
  constructor(channels: readonly Client[], signal?: AbortSignal, clock: RetryClock = systemClock) {
    this.#channels = channels;
    this.#signal = signal;
    this.#clock = clock;
  }

  /** Calls that were repeated, since the start. */
  get retries(): number {
    return this.#retries;
  }

  /** @throws CallError */
  call<Q, A>(method: UnaryMethod<Q, A>, request: Q, options: CallOptions = {}): Promise<A> {
    return withRetry(
      (remainingMs) => this.#try(method, request, Math.min(callDeadlineMs, remainingMs)),
      (error) =>
        error instanceof CallError
          ? { retryable: this.#mayRepeat(error), askedDelayMs: error.askedDelayMs }
          : { retryable: false, askedDelayMs: undefined },
      options.giveUpMs ?? callGiveUpMs,
      this.#clock,
      () => {
        this.#retries += 1;
      },
    );
  }

  close(): void {
    for (const channel of this.#channels) channel.close();
  }

  #mayRepeat(error: CallError): boolean {
    return isRetryable(error.code) && this.#signal?.aborted !== true;
  }

  #try<Q, A>(method: UnaryMethod<Q, A>, request: Q, deadlineMs: number): Promise<A> {
    const channel = this.#channels[this.#next % this.#channels.length];
    this.#next += 1;
    if (channel === undefined) throw new RangeError('a caller needs at least one channel');
    return new Promise((resolve, reject) => {
      channel.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        request,
        this.#metadata,
        { deadline: Date.now() + deadlineMs },
        (error, answer) => {
          if (error !== null) reject(new CallError(method.path, error));
          else if (answer === undefined) reject(new TypeError(`${method.path} answered nothing`));
          else resolve(answer);
        },
      );
    });
  }
}

/** Who has nothing to ask of the other service. */
export type InventoryCaller = ServiceCaller;

/** Opens `channels` connections to host:port, without TLS; nothing is sent yet. */
export function connect(address: string, channels: number, signal?: AbortSignal): ServiceCaller {
  return new ServiceCaller(
    Array.from(
      { length: channels },
      () =>
        new Client(address, credentials.createInsecure(), {
          // Without it channels to one address share one connection.
          'grpc.use_local_subchannel_pool': 1,
          'grpc.max_receive_message_length': answerBytesMax,
          // withRetry is the only one who repeats, so that a repeat is counted and bounded in one place.
          'grpc.enable_retries': 0,
        }),
    ),
    signal,
  );
}

function methodName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

interface StatusDetails {
  reason: string;
  askedDelayMs: number | undefined;
}

/** RetryInfo and ErrorInfo of `grpc-status-details-bin`; what is missing or damaged counts as not there. */
function statusDetails(metadata: Metadata | undefined): StatusDetails {
  const found: StatusDetails = { reason: '', askedDelayMs: undefined };
  const bytes = metadata?.get('grpc-status-details-bin')[0];
  if (!Buffer.isBuffer(bytes)) return found;
  try {
    for (const detail of Status.decode(bytes).details) {
      if (detail.typeUrl.endsWith('/google.rpc.ErrorInfo'))
        found.reason = ErrorInfo.decode(detail.value).reason;
      if (detail.typeUrl.endsWith('/google.rpc.RetryInfo')) {
        const delay = RetryInfo.decode(detail.value).retryDelay;
        if (delay !== undefined) found.askedDelayMs = Number(delay.seconds) * 1_000 + delay.nanos / 1e6;
      }
    }
  } catch {
    // The status itself stands; its details are an extra from outside.
  }
  return found;
}
