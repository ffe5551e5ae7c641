// The events on their way to the broker, a lane for each subject. Only the first of a lane is ever under way, so that
// whatever becomes of it the others cannot overtake it.
import type { PublishedEvent } from '../../events/event.ts';
import { Fifo } from '../fifo.ts';

export interface Waiting {
  readonly event: PublishedEvent;
  resolve(): void;
  reject(error: unknown): void;
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

export class Lanes {
  /** Each is either ready or with whoever took it out. */
  readonly #bySubject = new Map<string, Lane>();
  readonly #ready = new Fifo<Lane>();

  /** @returns whether it is the first of its lane, which is ready now */
  enter(message: Waiting): boolean {
    const { subject } = message.event;
    const known = this.#bySubject.get(subject);
    if (known !== undefined) {
      known.messages.push(message);
      return false;
    }
    const lane = new Lane(subject);
    lane.messages.push(message);
    this.#bySubject.set(subject, lane);
    this.#ready.push(lane);
    return true;
  }

  /** Takes out the one that has been ready for the longest. */
  next(): Lane | undefined {
    return this.#ready.shift();
  }

  /** Gives back one that was taken out. */
  makeReady(lane: Lane): void {
    this.#ready.push(lane);
  }

  /** The first of one that was taken out has arrived. */
  advance(lane: Lane): void {
    lane.messages.shift()?.resolve();
    this.#goOn(lane);
  }

  /** The first of one that was taken out can never be sent. */
  refuse(lane: Lane, error: unknown): void {
    lane.messages.shift()?.reject(error);
    this.#goOn(lane);
  }

  /** Rejects everything but the first of those that are kept. */
  giveUp(isKept: (lane: Lane) => boolean, error: Error): void {
    for (const lane of this.#bySubject.values()) {
      lane.cancelResend?.();
      const kept = isKept(lane) ? lane.messages.peek() : undefined;
      for (const message of lane.messages.remove((each) => each !== kept)) message.reject(error);
      if (kept === undefined) this.#bySubject.delete(lane.subject);
    }
  }

  #goOn(lane: Lane): void {
    lane.refusals = 0;
    if (lane.messages.size > 0) this.#ready.push(lane);
    else this.#bySubject.delete(lane.subject);
  }
}
