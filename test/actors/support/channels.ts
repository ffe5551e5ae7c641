// What is on its way between shards: of each pair the messages, and the answers, each in order and independent of the
// other. Nothing arrives before a test says so.
import type { Answer, Message, Ref } from '../../../src/actors/behaviour.ts';

export interface Sent {
  readonly origin: Ref;
  readonly message: Message;
}

export interface Answered extends Sent {
  readonly answer: Answer;
}

/** Something that may happen next: the head of a channel arrives. */
export interface Arrival {
  readonly type: 'message' | 'answer';
  readonly from: number;
  readonly to: number;
}

export class Channels {
  readonly #messages = new Map<string, Sent[]>();
  readonly #answers = new Map<string, Answered[]>();

  get messages(): readonly Sent[] {
    return [...this.#messages.values()].flat();
  }

  get answers(): readonly Answered[] {
    return [...this.#answers.values()].flat();
  }

  send(from: number, sent: Sent): void {
    push(this.#messages, `${from}>${sent.message.to}`, sent);
  }

  answer(from: number, to: number, answered: Answered): void {
    push(this.#answers, `${from}>${to}`, answered);
  }

  arrivals(): readonly Arrival[] {
    return [
      ...[...this.#messages.keys()].map((channel) => arrivalOf('message', channel)),
      ...[...this.#answers.keys()].map((channel) => arrivalOf('answer', channel)),
    ];
  }

  takeMessage({ from, to }: Arrival): Sent {
    return shift(this.#messages, `${from}>${to}`);
  }

  takeAnswer({ from, to }: Arrival): Answered {
    return shift(this.#answers, `${from}>${to}`);
  }
}

function arrivalOf(type: Arrival['type'], channel: string): Arrival {
  const [from, to] = channel.split('>').map(Number);
  return { type, from: from ?? 0, to: to ?? 0 };
}

export function push<T>(lists: Map<string, T[]>, at: string, value: T): void {
  const list = lists.get(at);
  if (list === undefined) lists.set(at, [value]);
  else list.push(value);
}

/** An empty channel goes, so that the channels left are those that have something on its way. */
function shift<T>(lists: Map<string, T[]>, at: string): T {
  const list = lists.get(at) ?? [];
  const first = list.shift();
  if (list.length === 0) lists.delete(at);
  if (first === undefined) throw new Error(`nothing is on its way from ${at}`);
  return first;
}
