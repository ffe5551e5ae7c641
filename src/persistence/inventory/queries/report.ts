// The inventory report: what there is of each item, what is low, and the totals.
import type { LevelView } from '../../../actors/inventory/item/model.ts';
import { StoreError } from '../../../runtime/store.ts';
import type { Client, Fragment, Sql } from '../../connect.ts';
import { fromInstant } from '../../values.ts';
import { type ItemJson, toListedItem } from './items.ts';
import type { Report, ReportLine, ReportQuestion } from './types.ts';

interface LevelJson {
  readonly warehouse_id: string;
  readonly quantity: number;
  readonly held: number;
  readonly allocated: number;
  readonly version: number;
  readonly last_updated: string;
}

interface LineJson {
  readonly item: ItemJson;
  readonly levels: readonly LevelJson[];
  readonly available: number;
  readonly low: boolean;
}

interface Found extends Omit<Report, 'asOf' | 'rows'> {
  readonly asOf: Date;
  readonly page: readonly LineJson[];
}

/** Reads every level that the question lets through: the totals need them, however short the page. */
export async function inventoryReport(client: Client, question: ReportQuestion): Promise<Report> {
  const { afterSku, limit } = question;
  const [found] = await client.run(
    'report',
    (sql) => sql<Found[]>`
      with lines as materialized (${lines(sql, question)}),
      totals as (
        select count(*) as "totalItems", coalesce(sum(quantity), 0)::bigint as "totalQuantity",
          coalesce(sum(reserved), 0)::bigint as "totalReserved", count(*) filter (where low) as "lowStockCount"
        from lines
      ),
      page as (
        select * from lines ${afterSku === null ? sql`` : sql`where sku > ${afterSku}`} order by sku limit ${limit}
      )
      select tables_as_of() as "asOf", totals.*, (
        select coalesce(json_agg(json_build_object(
          'item', to_json(items), 'available', page.quantity - page.reserved, 'low', page.low,
          'levels', (
            select coalesce(json_agg(to_json(level) order by level.warehouse_id), '[]')
            from inventory_levels as level where level.item_id = items.id ${inWarehouse(sql, question)}
          )
        ) order by page.sku), '[]')
        from page join items using (id)
      ) as page
      from totals`,
  );
  if (found === undefined) throw new StoreError('broken', 'a report without a row');
  const { asOf, page, ...totals } = found;
  return { rows: page.map(toLine), asOf: asOf.getTime(), ...totals };
}

/** One row an item: its sums over the levels, and whether it is low. */
function lines(sql: Sql, question: ReportQuestion): Fragment {
  const { category, warehouseId, lowStockOnly, threshold } = question;
  const low =
    threshold === null
      ? sql`coalesce(bool_or(level.quantity - level.reserved < level.low_stock_threshold), false)`
      : sql`coalesce(sum(level.quantity - level.reserved), 0) < ${threshold}::bigint`;
  return sql`
    select items.id, items.sku, coalesce(sum(level.quantity), 0)::bigint as quantity,
      coalesce(sum(level.reserved), 0)::bigint as reserved, ${low} as low
    from items
    ${warehouseId === null ? sql`left join` : sql`join`} inventory_levels as level
      on level.item_id = items.id ${inWarehouse(sql, question)}
    where items.deleted_at is null ${category === null ? sql`` : sql`and items.category = ${category}`}
    group by items.id
    ${lowStockOnly ? sql`having ${low}` : sql``}`;
}

function inWarehouse(sql: Sql, { warehouseId }: ReportQuestion): Fragment {
  return warehouseId === null ? sql`` : sql`and level.warehouse_id = ${warehouseId}::uuid`;
}

function toLine({ item, levels, available, low }: LineJson): ReportLine {
  return {
    item: toListedItem(item),
    levels: levels.map((level) => toLevelView(item, level)),
    totalAvailable: available,
    lowStock: low,
  };
}

function toLevelView({ id, sku }: ItemJson, row: LevelJson): LevelView {
  const { quantity, held, allocated, version } = row;
  return {
    itemId: id,
    sku,
    warehouseId: row.warehouse_id,
    quantity,
    held,
    allocated,
    version,
    updatedAt: fromInstant(row.last_updated),
  };
}
