// Lists of items. Deleted ones are left out.
import type { Client } from '../../connect.ts';
import { isUuid } from '../../table.ts';
import { arrayText, fromInstant } from '../../values.ts';
import type { ItemsQuestion, Listed, ListedItem } from './types.ts';

/** An item as the database writes it in JSON. */
export interface ItemJson {
  readonly id: string;
  readonly sku: string;
  readonly name: string;
  readonly description: string;
  readonly category: string;
  readonly attributes: ListedItem['attributes'];
  readonly created_at: string;
  readonly updated_at: string;
}

export function toListedItem(row: ItemJson): ListedItem {
  const { id, sku, name, description, category, attributes } = row;
  return {
    id,
    sku,
    name,
    description,
    category,
    attributes,
    createdAt: fromInstant(row.created_at),
    updatedAt: fromInstant(row.updated_at),
  };
}

export async function listItems(client: Client, question: ItemsQuestion): Promise<Listed<ListedItem>> {
  const { category, skuPrefix, afterSku, limit } = question;
  const [found] = await client.run(
    'list items',
    (sql) => sql<{ readonly asOf: Date; readonly items: readonly ItemJson[] }[]>`
      select tables_as_of() as "asOf", (
        select coalesce(json_agg(to_json(page) order by page.sku), '[]') from (
          select * from items
          where deleted_at is null
            ${category === null ? sql`` : sql`and category = ${category}`}
            ${skuPrefix === null ? sql`` : sql`and sku ^@ ${skuPrefix}`}
            ${afterSku === null ? sql`` : sql`and sku > ${afterSku}`}
          order by sku limit ${limit}
        ) as page
      ) as items`,
  );
  return { rows: found?.items.map(toListedItem) ?? [], asOf: found?.asOf.getTime() ?? 0 };
}

/** The SKUs of those of these items that exist. */
export async function skusOf(client: Client, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const rows = await client.run(
    'look up SKUs',
    (sql) => sql<{ readonly id: string; readonly sku: string }[]>`
      select id::text as id, sku from items
      where id = any(${arrayText(ids.filter(isUuid))}::uuid[]) and deleted_at is null`,
  );
  return new Map(rows.map(({ id, sku }) => [id, sku]));
}
