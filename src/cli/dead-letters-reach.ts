// Where dead letters are: with what carries the events.
import type { DeadLetters } from '../messaging/dead-letters.ts';
import type { QueueName } from '../messaging/queues.ts';
import { BrokerError, RabbitDeadLetters } from '../messaging/rabbit/dead-letters.ts';
import { readSettings, SettingError } from '../service/settings.ts';
import { CommandError } from './options.ts';

/** Has `work` done with those of a queue. @throws CommandError */
export async function reachDeadLetters<T>(
  queue: QueueName,
  work: (letters: DeadLetters) => Promise<T>,
): Promise<T> {
  try {
    const { amqpUrl } = readSettings(process.env);
    if (amqpUrl === null) throw new CommandError('AMQP_URL is not set: where is the broker?');
    return await work(new RabbitDeadLetters({ url: amqpUrl, queue }));
  } catch (error) {
    if (error instanceof BrokerError || error instanceof SettingError) throw new CommandError(error.message);
    throw error;
  }
}
