// The warehouses that lines of an import speak of, by id or by name. Read once; creates missing ones only where
// the user asked for it.
import { randomUUID } from 'node:crypto';
import { InventoryServiceService as inventory } from '../../generated/synkro/inventory/v1/inventory.ts';
import type { InventoryCaller } from '../client.ts';
import { RecordError } from '../fields.ts';
import { connectGiveUpMs } from '../limits.ts';
import { CommandError } from '../options.ts';

const pageSize = 1_000;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export class Warehouses {
  readonly #caller: InventoryCaller;
  readonly #create: boolean;
  readonly #ids = new Set<string>();
  readonly #byName = new Map<string, string[]>();
  created = 0;

  private constructor(caller: InventoryCaller, create: boolean) {
    this.#caller = caller;
    this.#create = create;
  }

  /** @param create make a warehouse for a name that there is none of */
  static async read(caller: InventoryCaller, create: boolean): Promise<Warehouses> {
    const warehouses = new Warehouses(caller, create);
    let pageToken = '';
    do {
      const page = await caller.call(
        inventory.listWarehouses,
        { pageSize, pageToken },
        { giveUpMs: connectGiveUpMs },
      );
      for (const warehouse of page.warehouses) warehouses.#add(warehouse.id, warehouse.name);
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    return warehouses;
  }

  /** @throws RecordError where there is none, or more than one of that name */
  async id(idOrName: string): Promise<string> {
    if (this.#ids.has(idOrName)) return idOrName;
    const found = this.#byName.get(idOrName) ?? [];
    const [id] = found;
    if (found.length > 1)
      throw new RecordError(`there are ${found.length} warehouses '${idOrName}': use the id`);
    if (id !== undefined) return id;
    if (!this.#create || uuid.test(idOrName)) throw new RecordError(`there is no warehouse '${idOrName}'`);
    return this.#createOne(idOrName);
  }

  async #createOne(name: string): Promise<string> {
    const { warehouse } = await this.#caller.call(inventory.createWarehouse, {
      name,
      location: '',
      customerId: '',
      priority: 0,
      idempotencyKey: `import/${randomUUID()}`,
    });
    if (warehouse === undefined) throw new CommandError('CreateWarehouse answered without a warehouse');
    this.#add(warehouse.id, name);
    this.created += 1;
    return warehouse.id;
  }

  #add(id: string, name: string): void {
    this.#ids.add(id);
    this.#byName.set(name, [...(this.#byName.get(name) ?? []), id]);
  }
}
