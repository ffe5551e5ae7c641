/**
 * Clients that keep asking while things break, and remember what they were told: the witness of I8 (no lost ack) and
 * I10 (a repeat with the same key gets one stable answer and has one effect).
 */
import { expect } from 'vitest';
import * as pb from '../../src/generated/synkro/inventory/v1/inventory.ts';
import { basket, CallFailed, type Inventory, present, rpc, together } from './inventory.ts';

type Request = pb.DeepPartial<pb.StockReservationRequest>;

export interface LoadOptions {
  readonly clients: number;
  readonly skus: readonly string[];
  /** In front of the order ids: no two loads on one database share it. */
  readonly prefix: string;
}

export interface Told {
  readonly request: Request;
  /** The answer's bytes. */
  readonly answer: string;
  readonly success: boolean;
}

const raw = { ...rpc.reserve, responseDeserialize: (bytes: Buffer) => bytes };

/** Reserves baskets of one to three of the SKUs, again and again, each for an order of its own. */
export class ReserveLoad {
  readonly told: Told[] = [];
  #unknown = 0;
  readonly #options: LoadOptions;
  readonly #inventory: Inventory;
  readonly #clients: Promise<void>[];
  #orders = 0;
  #isOver = false;
  #problem: unknown;

  constructor(inventory: Inventory, options: LoadOptions) {
    this.#inventory = inventory;
    this.#options = options;
    this.#clients = Array.from({ length: options.clients }, () => this.#run());
  }

  /** Whether a client met something that is neither an answer nor an unknown outcome. */
  get hasFailed(): boolean {
    return this.#problem !== undefined;
  }

  /** Calls whose outcome was not known at first. */
  get unknown(): number {
    return this.#unknown;
  }

  /** Starts nothing new, and resolves when everything that was asked has its answer. @throws what a client met */
  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#clients);
    if (this.hasFailed) throw this.#problem;
  }

  /** Asks everything once more: the same key gets the same answer, byte for byte. */
  async expectStable(): Promise<void> {
    await together(this.told.length, this.#options.clients * 2, async (index) => {
      const { request, answer } = present(this.told[index]);
      const again = await this.#inventory.settle(raw, request);
      expect(again.toString('hex'), `the answer to ${request.orderId} once more`).toBe(answer);
    });
  }

  async #run(): Promise<void> {
    try {
      while (!this.#isOver) await this.#ask(this.#next());
    } catch (error) {
      this.#problem ??= error;
    }
  }

  async #ask(request: Request): Promise<void> {
    const answer = await this.#inventory.call(raw, request).catch((error: unknown) => {
      if (!(error instanceof CallFailed && error.isRepeatable)) throw error;
      this.#unknown += 1;
      return this.#inventory.settle(raw, request);
    });
    const { success } = pb.StockReservationResponse.decode(answer);
    this.told.push({ request, answer: answer.toString('hex'), success });
  }

  #next(): Request {
    const { skus, prefix } = this.#options;
    const number = this.#orders++;
    const wanted: Record<string, number> = {};
    for (let line = 0; line <= number % 3; line++) {
      const sku = skus[(number * 7 + line * 3) % skus.length];
      if (sku !== undefined) wanted[sku] = 1 + (number % 2);
    }
    return basket(`${prefix}-${number}`, wanted);
  }
}
