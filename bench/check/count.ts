// How many there are, in a database that nobody uses any more.
import postgres from 'postgres';

/** @param query selects one number, as `rows` */
export async function countOf(url: string, query: string): Promise<number> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    const [row] = await sql.unsafe<{ rows: number }[]>(query);
    return row?.rows ?? Number.NaN;
  } finally {
    await sql.end({ timeout: 5 });
  }
}
