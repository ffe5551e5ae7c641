// Warehouses: settings that every shard keeps a copy of. The warehouse's own actor decides; a change is answered when
// every shard's directory has it. No logic here.

export interface Warehouse {
  readonly id: string;
  readonly name: string;
  readonly location: string;
  readonly isActive: boolean;
  /** Whose stock it is (a merchant), or ''. */
  readonly customerId: string;
  /** Lower is drawn from first. */
  readonly priority: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** A change that is on its way to the directories. */
export interface Spread {
  readonly number: number;
  /** Shards that have not answered yet. */
  readonly waiting: readonly number[];
  readonly receipt: { readonly key: string; readonly fingerprint: string } | null;
}

export interface WarehouseState {
  readonly warehouse: Warehouse | null;
  /** How many changes there have been. */
  readonly changes: number;
  readonly spread: Spread | null;
}

export type WarehouseCommand =
  | {
      readonly type: 'create';
      readonly name: string;
      readonly location: string;
      readonly customerId: string;
      readonly priority: number;
    }
  | {
      readonly type: 'update';
      readonly name?: string;
      readonly location?: string;
      readonly isActive?: boolean;
      readonly priority?: number;
    }
  | { readonly type: 'get' };

export type WarehouseEvent =
  | {
      readonly type: 'changed';
      readonly isNew: boolean;
      readonly warehouse: Warehouse;
      readonly shards: number;
      readonly receipt: Spread['receipt'];
    }
  | { readonly type: 'spread'; readonly number: number; readonly shard: number };

/** One shard's copy: what a cell needs to know of a warehouse. The id of the actor is the shard's number. */
export interface DirectoryState {
  /** By warehouse id. `change` is the warehouse's change number, so that a late copy never undoes a newer one. */
  readonly warehouses: Readonly<Record<string, DirectoryEntry>>;
}

export interface DirectoryEntry {
  readonly isActive: boolean;
  readonly priority: number;
  readonly change: number;
}

export type DirectoryCommand = {
  readonly type: 'put';
  readonly warehouseId: string;
  readonly entry: DirectoryEntry;
};
export type DirectoryEvent = {
  readonly type: 'put';
  readonly warehouseId: string;
  readonly entry: DirectoryEntry;
};
