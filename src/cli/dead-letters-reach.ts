// Where dead letters are: with what carries the events.
import type { DeadLetters } from '../messaging/dead-letters.ts';
import type { QueueName } from '../messaging/queues.ts';
import { BrokerError, RabbitDeadLetters } from '../messaging/rabbit/dead-letters.ts';
import { StoredDeadLetters } from '../outbox/stored-dead-letters.ts';
import { openClient } from '../persistence/connect.ts';
import { reachDatabases } from '../service/database.ts';
import { readSettings, type Settings } from '../service/settings.ts';
import { createLogger } from '../telemetry/log.ts';
import { asOperating } from './operating.ts';
import { CommandError } from './options.ts';

/** Has `work` done with those of a queue. @throws CommandError */
export function reachDeadLetters<T>(
  queue: QueueName,
  work: (letters: DeadLetters) => Promise<T>,
): Promise<T> {
  return asOperating(async () => {
    const settings = readSettings(process.env);
    const { amqpUrl: url } = settings;
    if (url === null) return withStored(settings, queue, work);
    try {
      return await work(new RabbitDeadLetters({ url, queue }));
    } catch (error) {
      if (error instanceof BrokerError) throw new CommandError(error.message);
      throw error;
    }
  });
}

/** Without a broker they lie in the databases. */
async function withStored<T>(
  settings: Settings,
  queue: QueueName,
  work: (letters: DeadLetters) => Promise<T>,
): Promise<T> {
  // The log must not mix with the answer on stdout.
  const log = createLogger('silent', 'dead-letters');
  const databases = await reachDatabases(settings, log);
  const clients = databases.all.map(({ url }) => openClient('work', { url, log }));
  try {
    return await work(new StoredDeadLetters(clients, queue));
  } finally {
    await Promise.all(clients.map((client) => client.close()));
    await databases.close();
  }
}
