// Gathers what is asked for one by one into requests. What comes within one turn of the event loop goes together, and
// while as many requests are under way as may be, the next one gathers: under load few requests carry much.
export interface GathererLimits {
  readonly itemsMax: number;
  readonly underWayMax: number;
}

interface Waiting<Item, Answer> {
  readonly item: Item;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

export class Gatherer<Item, Answer> {
  readonly #run: (items: readonly Item[]) => Promise<readonly Answer[]>;
  readonly #limits: GathererLimits;
  #waiting: Waiting<Item, Answer>[] = [];
  #underWay = 0;
  #isScheduled = false;

  /** @param run answers the items of one request, in their order; where it fails, all of them fail */
  constructor(run: (items: readonly Item[]) => Promise<readonly Answer[]>, limits: GathererLimits) {
    this.#run = run;
    this.#limits = limits;
  }

  /** @throws whatever the request that carried the item throws */
  ask(item: Item): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    this.#waiting.push({ item, resolve, reject });
    this.#schedule();
    return promise;
  }

  #schedule(): void {
    const { underWayMax } = this.#limits;
    if (this.#isScheduled || this.#waiting.length === 0 || this.#underWay >= underWayMax) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      void this.#send(this.#waiting.splice(0, this.#limits.itemsMax));
      // What was too much for one request.
      this.#schedule();
    });
  }

  async #send(batch: readonly Waiting<Item, Answer>[]): Promise<void> {
    this.#underWay += 1;
    try {
      const answers = await this.#run(batch.map(({ item }) => item));
      batch.forEach(({ resolve, reject }, index) => {
        const answer = answers[index];
        if (answer === undefined) reject(new RangeError('a request was answered less than it was asked'));
        else resolve(answer);
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      this.#underWay -= 1;
      this.#schedule();
    }
  }
}
