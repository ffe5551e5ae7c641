// The dead letters of a consumer that is told within the process: in the databases of those whose events it hears.
import { isPublishedEvent, routingKeyOf } from '../events/event.ts';
import type {
  DeadLetter,
  DeadLetterOutcome,
  DeadLetterSelection,
  DeadLetters,
} from '../messaging/dead-letters.ts';
import type { QueueName } from '../messaging/queues.ts';
import type { Client } from '../persistence/connect.ts';
import {
  askForReplay,
  dropDeadLetters,
  listDeadLetters,
  type StoredDeadLetter,
} from '../persistence/dead-letters.ts';

export class StoredDeadLetters implements DeadLetters {
  readonly #clients: readonly Client[];
  readonly #queue: QueueName;

  /** @param clients stay the caller's */
  constructor(clients: readonly Client[], queue: QueueName) {
    this.#clients = clients;
    this.#queue = queue;
  }

  async list({ limit, ids }: Parameters<DeadLetters['list']>[0]): Promise<readonly DeadLetter[]> {
    const found = await Promise.all(
      this.#clients.map((client) => listDeadLetters(client, this.#queue, ids ?? null, limit)),
    );
    return found
      .flat()
      .sort((a, b) => a.at.getTime() - b.at.getTime())
      .slice(0, limit)
      .map(deadLetterOf);
  }

  /** The process that owns the database takes them up, within a second or so; what fails again is there again. */
  replay(which: DeadLetterSelection): Promise<DeadLetterOutcome> {
    return this.#each(which, (client, ids) => askForReplay(client, this.#queue, ids));
  }

  drop(which: DeadLetterSelection): Promise<DeadLetterOutcome> {
    return this.#each(which, (client, ids) => dropDeadLetters(client, this.#queue, ids));
  }

  async #each(
    which: DeadLetterSelection,
    work: (client: Client, ids: readonly string[] | null) => Promise<readonly string[]>,
  ): Promise<DeadLetterOutcome> {
    const ids = which === 'all' ? null : which.ids;
    const done = new Set((await Promise.all(this.#clients.map((client) => work(client, ids)))).flat());
    return { count: done.size, missing: (ids ?? []).filter((id) => !done.has(id)) };
  }
}

function deadLetterOf({ messageId, message, reason, attempts, at }: StoredDeadLetter): DeadLetter {
  const event: unknown = JSON.parse(message);
  const known = isPublishedEvent(event) ? event : null;
  return {
    id: messageId,
    type: known?.type ?? '',
    subject: known?.subject ?? '',
    reason,
    attempts,
    deadAt: at.toISOString(),
    routingKey: known === null ? '' : routingKeyOf(known.type),
    body: message,
  };
}
