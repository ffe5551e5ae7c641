// The ownership of all the databases that one process works on: it owns all of them or none. Two processes could otherwise
// end up with one database each, and neither could serve.

import type { StoreLog } from '../persistence/connect.ts';
import { createOwnership, type Owner, type Ownership } from '../persistence/ownership.ts';
import type { Database } from './database.ts';
import type { ServiceName } from './roles.ts';

export interface OwnerState {
  readonly service: ServiceName;
  readonly epoch: number;
  readonly holder: string | null;
  readonly leaseEndsAt: number | null;
}

export class JointOwnership {
  /** In the order in which they are taken. */
  readonly #ownerships: readonly (readonly [ServiceName, Ownership])[];

  constructor(databases: readonly Database[], log: StoreLog) {
    this.#ownerships = databases.map(({ service, url }) => [service, createOwnership({ url, log })]);
  }

  /** @returns the owner epoch of each service's database, or null where another process owns any of them */
  async acquire(holder: string, leaseMs: number): Promise<ReadonlyMap<string, number> | null> {
    const epochs = new Map<string, number>();
    try {
      for (const [service, ownership] of this.#ownerships) {
        const epoch = await ownership.acquire(holder, leaseMs);
        if (epoch === null) {
          await this.release(epochs);
          return null;
        }
        epochs.set(service, epoch);
      }
      return epochs;
    } catch (error) {
      await this.release(epochs).catch(() => {});
      throw error;
    }
  }

  /** @returns false: some database has another owner */
  async heartbeat(epochs: ReadonlyMap<string, number>): Promise<boolean> {
    const beats = await Promise.all(
      this.#ownerships.map(([service, ownership]) => ownership.heartbeat(epochs.get(service) ?? -1)),
    );
    return beats.every((isOwner) => isOwner);
  }

  /** Lets the next one take over at once; nothing happens where a database has another owner by now. */
  async release(epochs: ReadonlyMap<string, number>): Promise<void> {
    await Promise.all(
      this.#ownerships.map(async ([service, ownership]) => {
        const epoch = epochs.get(service);
        if (epoch !== undefined) await ownership.release(epoch);
      }),
    );
  }

  /** Of the first database that somebody owns; null: nobody owns any. */
  async owner(leaseMs: number): Promise<Owner | null> {
    for (const [, ownership] of this.#ownerships) {
      const owner = await ownership.owner(leaseMs);
      if (owner !== null) return owner;
    }
    return null;
  }

  /** Of every database. */
  async owners(leaseMs: number): Promise<readonly OwnerState[]> {
    return Promise.all(
      this.#ownerships.map(async ([service, ownership]) => {
        const [owner, epoch] = await Promise.all([ownership.owner(leaseMs), ownership.epoch()]);
        const { holder = null, leaseEndsAt = null } = owner ?? {};
        return { service, epoch, holder, leaseEndsAt };
      }),
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.#ownerships.map(([, ownership]) => ownership.close()));
  }
}
