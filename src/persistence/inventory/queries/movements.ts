// The audit trail of one item: every change of a quantity, newest first.
import type { Client } from '../../connect.ts';
import { fromInstant, toInstant } from '../../values.ts';
import type { Listed, ListedMovement, MovementsQuestion } from './types.ts';

interface MovementJson {
  readonly warehouse_id: string;
  readonly version: number;
  readonly delta: number;
  readonly quantity: number;
  readonly cause: string;
  readonly reason: string;
  readonly reference: string;
  readonly at: string;
}

/** In one warehouse by version, which its key has in order; else by time, with an index for that. */
export async function listMovements(
  client: Client,
  { itemId, warehouseId, before, limit }: MovementsQuestion,
): Promise<Listed<ListedMovement>> {
  const [found] = await client.run('list movements', (sql) => {
    const order = warehouseId === null ? sql`at desc, warehouse_id desc, version desc` : sql`version desc`;
    const inWarehouse = warehouseId === null ? sql`` : sql`and warehouse_id = ${warehouseId}::uuid`;
    const earlier = (key: NonNullable<typeof before>) => {
      if (warehouseId !== null) return sql`and version < ${key.version}::bigint`;
      const at = sql`${toInstant(key.at)}::text::timestamptz`;
      // The first condition is what the index is entered by.
      return sql`and at <= ${at}
        and (at, warehouse_id, version) < (${at}, ${key.warehouseId}::uuid, ${key.version}::bigint)`;
    };
    return sql<{ readonly asOf: Date; readonly movements: readonly MovementJson[] }[]>`
      select tables_as_of() as "asOf", (
        select coalesce(json_agg(to_json(page) order by ${order}), '[]') from (
          select * from stock_movements
          where item_id = ${itemId}::uuid ${inWarehouse} ${before === null ? sql`` : earlier(before)}
          order by ${order} limit ${limit}
        ) as page
      ) as movements`;
  });
  return { rows: found?.movements.map(toMovement) ?? [], asOf: found?.asOf.getTime() ?? 0 };
}

function toMovement(row: MovementJson): ListedMovement {
  const { version, delta, quantity, cause, reason, reference } = row;
  return {
    warehouseId: row.warehouse_id,
    version,
    delta,
    quantity,
    cause,
    reason,
    reference,
    at: fromInstant(row.at),
  };
}
