// The books of a FOR UPDATE run, by SQL: nothing oversold, what is reserved is what the reservations hold, each
// acknowledged reservation is there, and those of the sample hold what was answered.
import postgres from 'postgres';
import { StockReservationResponse } from '../../src/generated/synkro/inventory/v1/inventory.ts';
import { compareCount, type Told } from './told.ts';

/** @returns what is wrong, if anything */
export async function checkForUpdate(databaseUrl: string, told: Told): Promise<string[]> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  try {
    const [oversold] = await sql<{ levels: number }[]>`
      select count(*)::int as levels from stock_levels where reserved not between 0 and quantity`;
    const [unbalanced] = await sql<{ levels: number }[]>`
      select count(*)::int as levels
      from stock_levels
      full join (
        select line.item_id, sum(line.held) as held
        from reservations, unnest(reservations.item_ids, reservations.held) as line (item_id, held)
        group by line.item_id
      ) as holds on holds.item_id = stock_levels.item_id
      where coalesce(stock_levels.reserved, 0) <> coalesce(holds.held, 0)`;
    const [held] = await sql<
      { reservations: number }[]
    >`select count(*)::int as reservations from reservations`;
    return [
      ...wrongLevels('I1: oversold', oversold?.levels),
      ...wrongLevels('I2: reserved is not what the reservations hold', unbalanced?.levels),
      ...compareCount('reservations are in the database', held?.reservations ?? 0, told),
      ...(await readBack(sql, told)),
    ];
  } finally {
    await sql.end({ timeout: 5 });
  }
}

function wrongLevels(what: string, levels: number | undefined): string[] {
  return levels === 0 ? [] : [`${what}: ${levels} levels`];
}

interface Held {
  readonly order_id: string;
  readonly item_ids: readonly string[];
  readonly held: readonly string[];
}

async function readBack(sql: postgres.Sql, { samples }: Told): Promise<string[]> {
  const rows = await sql<Held[]>`
    select order_id, item_ids, held from reservations
    where order_id = any(${samples.map(({ orderId }) => orderId)}::text[])`;
  const byOrder = new Map(
    rows.map((row) => [row.order_id, row.item_ids.map((id, at) => `${id}: ${row.held[at]}`).join()]),
  );
  return samples.flatMap(({ orderId, answer }) => {
    const { items } = StockReservationResponse.decode(answer);
    const granted = items.map(({ itemId, requested }) => `${itemId}: ${requested}`).join();
    return byOrder.get(orderId) === granted ? [] : [`I8: order ${orderId} does not hold what it was granted`];
  });
}
