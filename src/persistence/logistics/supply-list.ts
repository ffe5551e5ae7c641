// What is to be ordered anew, as a list: in order of SKU, with what orders wait for.
import { isSupplyState } from '../../actors/logistics/supply/guards.ts';
import type { SupplyQuestion, SupplyRow } from '../../api/logistics/deps.ts';
import type { Client, Fragment, Sql } from '../connect.ts';
import { parseState } from './state-text.ts';

interface Found {
  readonly asOf: Date;
  readonly rows: readonly { readonly id: string; readonly state: string; readonly units: number }[];
}

export async function listSupply(client: Client, question: SupplyQuestion) {
  const [found] = await client.run(
    'list supply',
    (sql) => sql<Found[]>`
      select tables_as_of() as "asOf", (
        select coalesce(
          json_agg(
            json_build_object('id', page.item_id, 'state', page.state, 'units', coalesce(queue.units, 0))
            order by page.sku, page.item_id
          ), '[]'
        ) from (${supplyPage(sql, question)}) as page left join backorder_queues as queue using (item_id)
      ) as rows`,
  );
  const rows = (found?.rows ?? []).flatMap(({ id, state, units }): SupplyRow[] => {
    const { supply } = parseState('supply', isSupplyState, state);
    return supply === null ? [] : [{ id, supply, waitingUnits: units }];
  });
  return { rows, asOf: found?.asOf.getTime() ?? 0 };
}

/** By the index of all, or of those that are low: in its order, without a sort. */
export function supplyPage(sql: Sql, { isLow, after, limit }: SupplyQuestion): Fragment {
  const low = isLow === true ? sql`is_low` : sql`not is_low`;
  return sql`
    select item_id, sku, state from supply
    where ${isLow === null ? sql`true` : low}
      ${after === null ? sql`` : sql`and (sku, item_id) > (${after.sku}, ${after.id}::uuid)`}
    order by sku, item_id limit ${limit}`;
}
