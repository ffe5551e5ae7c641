// One end of a MessagePort between two threads: messages gather during a tick of the event loop and cross as one post.
import type { MessagePort } from 'node:worker_threads';

export class Link<Out, In> {
  readonly #port: MessagePort;
  #gathered: Out[] = [];
  #isScheduled = false;

  /** @param receive is called with each message of a post, in order */
  constructor(port: MessagePort, receive: (message: In) => void) {
    this.#port = port;
    port.on('message', (batch: readonly In[]) => {
      for (const message of batch) receive(message);
    });
  }

  send(message: Out): void {
    this.#gathered.push(message);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#post());
  }

  close(): void {
    this.#post();
    this.#port.close();
  }

  #post(): void {
    this.#isScheduled = false;
    if (this.#gathered.length === 0) return;
    const batch = this.#gathered;
    this.#gathered = [];
    this.#port.postMessage(batch);
  }
}
