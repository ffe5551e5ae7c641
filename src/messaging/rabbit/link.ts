// One connection to the broker with one confirming channel. It is of use until the first thing that goes wrong; then it
// is gone for good, and its socket with it, whatever the peer does.
import { type ChannelModel, type ConfirmChannel, connect, type SocketOptions } from 'amqplib';
import type { Timers } from '../timers.ts';
import type { RabbitLimits } from './limits.ts';

export interface LinkOptions {
  readonly url: string;
  /** Shown by the broker's tools. */
  readonly name: string;
  readonly limits: RabbitLimits;
  readonly timers: Timers;
  /** Gives up opening it. */
  readonly signal?: AbortSignal;
  /** The broker takes no messages for now, or, undefined, does again. */
  readonly onBlocked?: (reason: string | undefined) => void;
}

export class Link {
  readonly channel: ConfirmChannel;
  readonly #model: ChannelModel;
  readonly #end: End;
  readonly #options: LinkOptions;

  private constructor(model: ChannelModel, channel: ConfirmChannel, end: End, options: LinkOptions) {
    this.#model = model;
    this.channel = channel;
    this.#end = end;
    this.#options = options;
  }

  /** @throws Error with why not, at the latest after connectMsMax */
  static async open(options: LinkOptions): Promise<Link> {
    const { limits, timers, signal, onBlocked } = options;
    const end = new End();
    const giveUp = (): void => end.come('opening it was given up');
    const cancel = timers.after(limits.connectMsMax, () =>
      end.come(`no answer within ${limits.connectMsMax} ms`),
    );
    signal?.addEventListener('abort', giveUp);
    if (signal?.aborted === true) giveUp();
    try {
      const model = await connect(
        withHeartbeat(options.url, limits),
        socketOptions(options.name, end.signal),
      );
      model.on('error', (error) => end.come(error.message));
      model.on('close', (error) => end.come(error?.message ?? 'the connection was closed'));
      model.on('handler-error', (error) => end.come(error.message));
      model.on('blocked', (reason) => onBlocked?.(reason));
      model.on('unblocked', () => onBlocked?.(undefined));
      const channel = await model.createConfirmChannel({ highWaterMark: limits.channelFramesMax });
      channel.on('error', (error) => end.come(error.message));
      // Of a connection that is closed its channels say so first, and the connection why.
      channel.on('close', () => queueMicrotask(() => end.isExpected || end.come('the channel was closed')));
      channel.on('handler-error', (error) => end.come(error.message));
      return new Link(model, channel, end, options);
    } catch (error) {
      const reason = end.reason ?? (error instanceof Error && error.message) ?? String(error);
      end.come(String(reason));
      throw new Error(String(reason), { cause: error });
    } finally {
      cancel();
      signal?.removeEventListener('abort', giveUp);
    }
  }

  /** Resolves with why it is of no use any more. */
  get gone(): Promise<string> {
    return this.#end.came;
  }

  get isGone(): boolean {
    return this.#end.reason !== undefined;
  }

  /** Why it is gone; undefined while it is not. */
  get reason(): string | undefined {
    return this.#end.reason;
  }

  /** At once, without a word to the peer, who may not be there. */
  drop(reason: string): void {
    this.#end.come(reason);
  }

  /** Once everything that was written has arrived, or after closeMsMax. */
  async close(): Promise<void> {
    const { limits, timers } = this.#options;
    const cancel = timers.after(limits.closeMsMax, () => this.drop('closing it took too long'));
    this.#end.isExpected = true;
    void this.#sayGoodbye();
    await this.gone;
    cancel();
  }

  async #sayGoodbye(): Promise<void> {
    try {
      // The channel first: it goes the way of the messages, behind them, while the connection's own goodbye overtakes them.
      await this.channel.close();
      await this.#model.close();
    } catch {
      // It was gone already.
    } finally {
      this.drop('closed');
    }
  }
}

/** Comes once, and takes the socket along: one that goes nowhere would otherwise stay until TCP gives up. */
class End {
  readonly #abort = new AbortController();
  readonly #came = Promise.withResolvers<string>();
  #reason: string | undefined;
  /** The channel goes before the rest, and is not all. */
  isExpected = false;

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get came(): Promise<string> {
    return this.#came.promise;
  }

  get reason(): string | undefined {
    return this.#reason;
  }

  come(reason: string): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#came.resolve(reason);
    this.#abort.abort();
  }
}

function withHeartbeat(url: string, { heartbeatSeconds }: RabbitLimits): string {
  const parsed = new URL(url);
  if (!parsed.searchParams.has('heartbeat')) parsed.searchParams.set('heartbeat', String(heartbeatSeconds));
  return parsed.href;
}

function socketOptions(name: string, signal: AbortSignal): SocketOptions & { readonly signal: AbortSignal } {
  return { noDelay: true, signal, clientProperties: { connection_name: name } };
}
