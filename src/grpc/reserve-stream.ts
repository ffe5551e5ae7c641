// ReserveStream: CheckAndReserveStock, many at a time on one stream.
//
// Every request is answered by itself, as soon as its answer is there; a bad one is answered with its error and ends
// nothing. A request is in flight until its answer has left for the client: with too many of them nothing more is
// read, so that neither slow actors nor a client that does not read make anything grow.
import type { handleBidiStreamingCall, ServerDuplexStream } from '@grpc/grpc-js';
import { Call } from '../api/call.ts';
import { failureOf, Refused, rpcStatusOf } from '../api/errors.ts';
import type { InventoryDeps } from '../api/inventory/deps.ts';
import { checkAndReserveStock } from '../api/inventory/reserve.ts';
import { answerTo } from '../api/method.ts';
import {
  type ReserveStreamResponse,
  ReserveStreamResponse as ResponseMessage,
  StockReservationRequest,
} from '../generated/synkro/inventory/v1/inventory.ts';
import { processNow } from '../runtime/ask.ts';
import { sourceOf } from './call-source.ts';
import type { Decoded } from './decode.ts';
import { serverLimits } from './limits.ts';
import type { OpenCalls } from './open-calls.ts';
import { serviceErrorOf } from './service-error.ts';

type Source = ServerDuplexStream<Decoded<StockReservationRequest>, ReserveStreamResponse>;

export const reserveStream = {
  name: 'ReserveStream',
  request: StockReservationRequest,
  response: ResponseMessage,
} as const;

export function reserveStreamHandler(
  deps: InventoryDeps,
  open: OpenCalls,
): handleBidiStreamingCall<Decoded<StockReservationRequest>, ReserveStreamResponse> {
  return (source) => {
    new ReserveStream(deps, source, open);
  };
}

class ReserveStream {
  readonly #deps: InventoryDeps;
  readonly #source: Source;
  readonly #over: () => void;
  #inFlight = 0;
  /** reading -> ending (half-closed, or the server stops) -> over */
  #state: 'reading' | 'ending' | 'over' = 'reading';
  #draining = false;

  constructor(deps: InventoryDeps, source: Source, open: OpenCalls) {
    this.#deps = deps;
    this.#source = source;
    this.#over = open.begin(() => {
      this.#draining = true;
      source.pause();
      this.#endWhenAnswered();
    });
    source.on('data', (decoded: Decoded<StockReservationRequest>) => this.#take(decoded));
    source.on('end', () => this.#endWhenAnswered());
    source.on('cancelled', () => this.#finish());
  }

  #take(decoded: Decoded<StockReservationRequest>): void {
    this.#inFlight += 1;
    if (this.#inFlight >= serverLimits.streamInFlightMax) this.#source.pause();
    void this.#answer(decoded).then((response) => this.#send(response));
  }

  /** Never rejects. */
  async #answer(decoded: Decoded<StockReservationRequest>): Promise<ReserveStreamResponse> {
    const begunAt = processNow();
    const { name } = reserveStream;
    const request = 'value' in decoded ? decoded.value : decoded.readable;
    const requestId = request?.requestId ?? '';
    const observe = (outcome: string) => this.#deps.observe(name, outcome, (processNow() - begunAt) / 1_000);
    try {
      if ('malformed' in decoded) throw new Refused(decoded.malformed);
      const call = new Call(name, this.#deps, sourceOf(this.#source));
      const value = await answerTo(checkAndReserveStock, decoded.value, call);
      observe(value.success ? 'ok' : 'refused');
      return { requestId, result: { $case: 'response', value } };
    } catch (thrown) {
      const failure = failureOf(thrown, { log: this.#deps.log, newId: this.#deps.newId, method: name });
      observe(failure.code);
      return { requestId, result: { $case: 'error', value: rpcStatusOf(failure) } };
    }
  }

  #send(response: ReserveStreamResponse): void {
    if (this.#state === 'over') return;
    this.#source.write(response, () => this.#sent());
  }

  #sent(): void {
    this.#inFlight -= 1;
    if (this.#state === 'ending') this.#endWhenAnswered();
    else if (this.#state === 'reading' && this.#source.isPaused()) this.#source.resume();
  }

  #endWhenAnswered(): void {
    if (this.#state === 'over') return;
    this.#state = 'ending';
    if (this.#inFlight > 0) return;
    this.#finish();
    if (this.#draining) this.#source.emit('error', serviceErrorOf(stopping));
    else this.#source.end();
  }

  #finish(): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#over();
  }
}

export const stopping = {
  code: 'unavailable',
  message: 'the server is stopping; what was not answered may be sent again',
} as const;
