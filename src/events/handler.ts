// What a consumer of events is, whichever way they come to it: from the broker or from the journal of this process.
import type { PublishedEvent } from './event.ts';

/**
 * Takes in one event, completely, before it resolves. The same event may come again, and then does nothing: events of one
 * subject come in order, one after another, those of different subjects at the same time.
 *
 * @throws NotNow where the event is not at fault: it is offered again until it is taken, and its subject waits. Anything
 * else that is thrown is tried again a few times; then the event is put aside with the reason, and the subject goes on.
 */
export interface EventHandler {
  handle(event: PublishedEvent): Promise<void>;
}

/** Something that the handler needs does not answer. */
export class NotNow extends Error {
  override readonly name = 'NotNow';
}
