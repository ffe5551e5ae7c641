/** First in, first out, each in constant time: an array's shift() moves all that are behind. */
export class Fifo<T> implements Iterable<T> {
  #items: T[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  peek(): T | undefined {
    return this.#items[this.#head];
  }

  shift(): T | undefined {
    if (this.size === 0) return undefined;
    const item = this.#items[this.#head];
    this.#head += 1;
    // What has left is let go of once it is the greater part, so that moving the rest costs little for each.
    if (this.#head * 2 > this.#items.length) this.#removeWhatLeft();
    return item;
  }

  /** Takes out all that are to go. @returns them, in their order */
  remove(isToGo: (item: T) => boolean): T[] {
    this.#removeWhatLeft();
    const gone = this.#items.filter(isToGo);
    if (gone.length > 0) this.#items = this.#items.filter((item) => !isToGo(item));
    return gone;
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#items.slice(this.#head).values();
  }

  #removeWhatLeft(): void {
    if (this.#head === this.#items.length) this.#items.length = 0;
    else if (this.#head > 0) this.#items.splice(0, this.#head);
    this.#head = 0;
  }
}
