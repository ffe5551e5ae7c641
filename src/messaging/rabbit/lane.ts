// The events of one subject on their way to the broker. Only the first is ever under way, so that whatever becomes of it
// the others cannot overtake it.
import type { PublishedEvent } from '../../events/event.ts';
import { Fifo } from '../fifo.ts';

export interface Waiting {
  readonly event: PublishedEvent;
  resolve(): void;
  reject(error: Error): void;
}

export class Lane {
  readonly subject: string;
  readonly messages = new Fifo<Waiting>();
  /** Of the first, by the monotonic clock, in milliseconds; only while it is under way. */
  sentAt = 0;
  /** How often the first was refused or returned. */
  refusals = 0;
  /** Calls off sending the first again, while that is awaited. */
  cancelResend: (() => void) | undefined;

  constructor(subject: string) {
    this.subject = subject;
  }
}
