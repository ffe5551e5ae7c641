// The list of warehouses.
import type { Client } from '../../connect.ts';
import type { Listed, ListedWarehouse, WarehousesQuestion } from './types.ts';

interface Row extends Omit<ListedWarehouse, 'createdAt' | 'updatedAt'> {
  readonly asOf: Date;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export async function listWarehouses(
  client: Client,
  { afterId, limit }: WarehousesQuestion,
): Promise<Listed<ListedWarehouse>> {
  // The page may be empty: the time is a row of its own that always comes, and its `id` is null then.
  const rows = await client.run(
    'list warehouses',
    (sql) => sql<(Row | { readonly asOf: Date; readonly id: null })[]>`
      select reached.at as "asOf", page.id::text as id, page.name, page.location, page.is_active as "isActive",
        page.customer_id as "customerId", page.priority,
        page.created_at as "createdAt", page.updated_at as "updatedAt"
      from (select tables_as_of() as at) as reached
      left join (
        select * from warehouses
        ${afterId === null ? sql`` : sql`where id > ${afterId}::uuid`}
        order by id limit ${limit}
      ) as page on true
      order by page.id`,
  );
  return { rows: rows.flatMap(toWarehouses), asOf: rows[0]?.asOf.getTime() ?? 0 };
}

function toWarehouses(row: Row | { readonly id: null }): ListedWarehouse[] {
  if (row.id === null) return [];
  const { id, name, location, isActive, customerId, priority, createdAt, updatedAt } = row;
  return [
    {
      id,
      name,
      location,
      isActive,
      customerId,
      priority,
      createdAt: createdAt.getTime(),
      updatedAt: updatedAt.getTime(),
    },
  ];
}
