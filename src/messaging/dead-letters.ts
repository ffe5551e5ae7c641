// Events that could not be handled, kept with the reason until somebody decides: handle them again, or never.

export interface DeadLetter {
  /** That of the event; of what is none, one that follows from its content. */
  readonly id: string;
  /** '' where it is not known, as with what is no event. */
  readonly type: string;
  readonly subject: string;
  readonly reason: string;
  /** How often it was tried to handle it; 0 for what is no event; null where whoever put it aside did not say. */
  readonly attempts: number | null;
  /** ISO 8601; null where it is not known. */
  readonly deadAt: string | null;
  readonly routingKey: string;
  /** As it came: JSON, unless that is what was wrong with it. */
  readonly body: string;
}

export type DeadLetterSelection = { readonly ids: readonly string[] } | 'all';

export interface DeadLetterOutcome {
  readonly count: number;
  /** Of the ids that were asked for, those that are not among the dead letters. */
  readonly missing: readonly string[];
}

/** The dead letters of one queue. */
export interface DeadLetters {
  /** Looks, and leaves them as they are. @param ids only these, where they are given */
  list(options: { readonly limit: number; readonly ids?: readonly string[] }): Promise<readonly DeadLetter[]>;
  /** Puts them at the end of the queue that they came from. A crash may repeat some, and loses none. */
  replay(which: DeadLetterSelection): Promise<DeadLetterOutcome>;
  /** Deletes them for good. */
  drop(which: DeadLetterSelection): Promise<DeadLetterOutcome>;
}
