// A client of Server-Sent Events that can stop reading, and that keeps what came: by hand, since fetch reads ahead.
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { until } from '../../support/until.ts';

export interface Received {
  readonly id: string;
  readonly event: string;
  /** Parsed; undefined where there was none. */
  readonly data: unknown;
}

export class EventClient {
  readonly received: Received[] = [];
  readonly comments: string[] = [];
  response: IncomingMessage | null = null;
  ended = false;
  readonly #request: ClientRequest;
  #rest = '';

  constructor(url: string, headers: Readonly<Record<string, string>> = {}) {
    this.#request = request(url, { headers, agent: false });
    this.#request.on('response', (response) => {
      this.response = response;
      response.setEncoding('utf8');
      response.on('data', (text: string) => this.#take(text));
      response.on('close', () => {
        this.ended = true;
      });
    });
    this.#request.on('error', () => {
      this.ended = true;
    });
    this.#request.end();
  }

  /** Of the last event, with or without data. */
  get lastId(): string {
    return this.received.at(-1)?.id ?? '';
  }

  get events(): readonly Received[] {
    return this.received.filter(({ data }) => data !== undefined);
  }

  async began(): Promise<this> {
    await until('the first id', () => this.received.length > 0 || this.ended);
    return this;
  }

  async has(count: number): Promise<void> {
    await until(
      `${count} events`,
      () => this.events.length >= count || this.ended,
      20_000,
      () => `and saw ${this.events.length}`,
    );
  }

  pause(): void {
    this.response?.pause();
  }

  resume(): void {
    this.response?.resume();
  }

  close(): void {
    this.#request.destroy();
  }

  #take(text: string): void {
    const blocks = `${this.#rest}${text}`.split('\n\n');
    this.#rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const lines = block.split('\n');
      const of = (name: string) =>
        lines
          .find((line) => line.startsWith(`${name}:`))
          ?.slice(name.length + 1)
          .trim();
      if (block.startsWith(':')) this.comments.push(block.slice(1).trim());
      else this.received.push({ id: of('id') ?? '', event: of('event') ?? '', data: parsed(of('data')) });
    }
  }
}

function parsed(text: string | undefined): unknown {
  return text === undefined ? undefined : JSON.parse(text);
}
