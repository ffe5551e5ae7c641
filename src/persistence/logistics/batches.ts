// Gathers what is asked for one by one into statements. What comes within one turn of the event loop goes together, and
// while as many statements are under way as may be, the next one gathers: under load few statements carry much.
export interface BatchLimits {
  readonly itemsMax: number;
  readonly underWayMax: number;
}

interface Waiting<Item, Answer> {
  readonly item: Item;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

export class Batches<Item, Answer> {
  readonly #run: (items: readonly Item[]) => Promise<readonly Answer[]>;
  readonly #limits: BatchLimits;
  #waiting: Waiting<Item, Answer>[] = [];
  #underWay = 0;
  #isScheduled = false;

  /** @param run answers the items of one statement, in their order; where it fails, all of them fail */
  constructor(run: (items: readonly Item[]) => Promise<readonly Answer[]>, limits: BatchLimits) {
    this.#run = run;
    this.#limits = limits;
  }

  /** @throws whatever the statement that carried the item throws */
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
      // What was too much for one statement.
      this.#schedule();
    });
  }

  async #send(batch: readonly Waiting<Item, Answer>[]): Promise<void> {
    this.#underWay += 1;
    try {
      const answers = await this.#run(batch.map(({ item }) => item));
      batch.forEach(({ resolve, reject }, index) => {
        const answer = answers[index];
        if (answer === undefined) reject(new RangeError('a statement answered less than it was asked'));
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
