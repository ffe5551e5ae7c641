// CSV (RFC 4180) of reports, page after page, no faster than the client takes it.
import { Readable } from 'node:stream';
import { stringify } from 'csv-stringify/sync';
import Type from 'typebox';

export const csvType = 'text/csv';
export const csvHeader = `${csvType}; charset=utf-8; header=present`;

/** Documented as text; what a handler returns is a stream of it. */
export const Csv = Type.Unsafe<Readable>({ type: 'string' });

export type CsvRow = Readonly<Record<string, string | number | boolean>>;

/**
 * Texts that a spreadsheet would run as formulas (they begin with = + - @) have an apostrophe before them.
 * @param columns in their order
 */
export function csvStream(columns: readonly string[], pages: AsyncIterable<readonly CsvRow[]>): Readable {
  const text = (rows: readonly CsvRow[], header: boolean) =>
    stringify([...rows], {
      columns: [...columns],
      header,
      escape_formulas: true,
      record_delimiter: 'windows',
      cast: { boolean: String },
    });
  async function* chunks() {
    yield text([], true);
    for await (const rows of pages) yield text(rows, false);
  }
  return Readable.from(chunks(), { objectMode: false });
}
