// Inventory's update stream from another process. Events are taken no faster than they are handled: the transport holds
// back the sender.
import { type Client, type ClientReadableStream, Metadata, type ServiceError } from '@grpc/grpc-js';
import type { Logger } from 'pino';
import { Refused } from '../../api/errors.ts';
import {
  InventoryUpdateEvent,
  StreamInventoryUpdatesRequest,
} from '../../generated/synkro/inventory/v1/inventory.ts';
import { failureOfError, inventoryService } from './channel.ts';
import type { Closing } from './closing.ts';
import { closed, type InventoryUpdates, notInTime } from './connection.ts';
import { Following, ResumePoint } from './following.ts';
import type { RemoteLimits } from './limits.ts';

const name = 'StreamInventoryUpdates';

export class UpdatesOverGrpc implements InventoryUpdates {
  readonly #client: Client;
  readonly #limits: RemoteLimits;
  readonly #log: Logger;
  readonly #closing: Closing;
  readonly #point = new ResumePoint();

  constructor(client: Client, limits: RemoteLimits, log: Logger, closing: Closing) {
    this.#client = client;
    this.#limits = limits;
    this.#log = log;
    this.#closing = closing;
  }

  async follow(
    signal: AbortSignal,
    onEvent: (event: InventoryUpdateEvent) => void | Promise<void>,
    onBegin: () => void,
  ): Promise<void> {
    const following = new Following(this.#point, onEvent, onBegin);
    try {
      await this.#readAll(following, signal);
      throw new Refused(ended);
    } catch (thrown) {
      if (following.thrown !== null) throw following.thrown.error;
      if (signal.aborted) return;
      const refused = this.#refusedOf(thrown);
      this.#point.broke(refused);
      throw refused;
    }
  }

  /** Returns when the stream ends by itself, which Inventory's does not. @throws ServiceError, Refused */
  async #readAll(following: Following, signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.#closing.isClosed) throw new Refused(closed);
    const stream = this.#open();
    let tooLate = false;
    const cancel = () => stream.cancel();
    const timer = setTimeout(() => {
      tooLate = true;
      cancel();
    }, this.#limits.streamBeginMsMax);
    signal.addEventListener('abort', cancel);
    const callOff = this.#closing.onClose(cancel);
    try {
      for await (const event of eventsOf(stream)) {
        clearTimeout(timer);
        // Cancelled streams still give out what had arrived.
        if (signal.aborted || this.#closing.isClosed) throw new Refused(closed);
        await following.take(event);
      }
    } catch (thrown) {
      throw tooLate && following.thrown === null ? new Refused(notInTime) : thrown;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', cancel);
      callOff();
      cancel();
    }
  }

  #open(): ClientReadableStream<Buffer> {
    const stream = this.#client.makeServerStreamRequest(
      `${inventoryService}${name}`,
      (token: string) =>
        Buffer.from(
          StreamInventoryUpdatesRequest.encode(
            StreamInventoryUpdatesRequest.create({ resumeToken: token }),
          ).finish(),
        ),
      (bytes: Buffer) => bytes,
      this.#point.token,
      new Metadata(),
    );
    // What comes after the last look at it is of no interest, and must not end the process.
    stream.on('error', () => {});
    return stream;
  }

  #refusedOf(thrown: unknown): Refused {
    if (thrown instanceof Refused) return thrown;
    if (this.#closing.isClosed) return new Refused(closed);
    return new Refused(failureOfError(isServiceError(thrown) ? thrown : null, name, this.#log));
  }
}

async function* eventsOf(stream: ClientReadableStream<Buffer>): AsyncGenerator<InventoryUpdateEvent> {
  for await (const bytes of stream) {
    if (Buffer.isBuffer(bytes)) yield InventoryUpdateEvent.decode(bytes);
  }
}

function isServiceError(thrown: unknown): thrown is ServiceError {
  return thrown instanceof Error && 'code' in thrown && 'details' in thrown && 'metadata' in thrown;
}

const ended = { code: 'unavailable', message: 'the stream of updates ended' } as const;
