// Sends single messages straight to a queue, each confirmed. For what is rare, such as dead letters.
import type { ConfirmChannel, Options } from 'amqplib';

export class QueueSender {
  readonly #channel: ConfirmChannel;
  readonly #returned = new Set<string>();

  /** @param channel used by no other for sending */
  constructor(channel: ConfirmChannel) {
    this.#channel = channel;
    channel.on('return', ({ properties }) => this.#returned.add(String(properties.messageId)));
  }

  /**
   * @param id the message's, unique among those under way
   * @throws Error where the broker does not confirm that the queue has it
   */
  send(queue: string, id: string, content: Buffer, options: Options.Publish): Promise<void> {
    const all = { ...options, deliveryMode: 2, mandatory: true, messageId: id };
    return new Promise((resolve, reject) => {
      this.#channel.sendToQueue(queue, content, all, (error: unknown) => {
        if (this.#returned.delete(id)) reject(new Error(`there is no queue '${queue}'`));
        else if (error === null) resolve();
        else reject(error instanceof Error ? error : new Error(String(error)));
      });
    });
  }
}
