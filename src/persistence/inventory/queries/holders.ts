// Who holds this item?
import type { Client } from '../../connect.ts';
import { arrayText } from '../../values.ts';
import type { Listed } from './types.ts';

/**
 * Ids of orders that hold the item there or have it allocated, in order.
 * @param warehouseId null: anywhere
 */
export async function ordersHolding(
  client: Client,
  itemId: string,
  warehouseId: string | null,
  limit: number,
): Promise<Listed<string>> {
  const wanted = arrayText([itemId]);
  const [found] = await client.run('who holds it', (sql) => {
    const line = sql`
      unnest(item_ids, warehouse_ids, held, allocated) as line (item_id, warehouse_id, held, allocated)
      where line.item_id = ${itemId}::uuid and line.held + line.allocated > 0
        ${warehouseId === null ? sql`` : sql`and line.warehouse_id = ${warehouseId}::uuid`}`;
    return sql<{ readonly asOf: Date; readonly orders: readonly string[] }[]>`
      select tables_as_of() as "asOf", (
        select coalesce(json_agg(order_id order by order_id), '[]') from (
          select order_id from (
            select order_id from reservations
            where status in ('pending', 'held', 'committed') and item_ids @> ${wanted}::uuid[]
              and exists (select from ${line})
            union
            select order_id from order_stock
            where item_ids <> '{}' and item_ids @> ${wanted}::uuid[] and exists (select from ${line})
          ) as holders
          order by order_id limit ${limit}
        ) as named
      ) as orders`;
  });
  return { rows: found?.orders ?? [], asOf: found?.asOf.getTime() ?? 0 };
}
