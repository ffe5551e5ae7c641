// CSV (RFC 4180) of reports, page after page, no faster than the client takes it.
import { Readable } from 'node:stream';
import { stringify } from 'csv-stringify/sync';
import Type from 'typebox';
import { accepts } from './requests/accept.ts';

export const csvType = 'text/csv';
export const csvHeader = `${csvType}; charset=utf-8; header=present`;

/** In the query string of a report. */
export const format = Type.Optional(
  Type.Enum(['json', 'csv'], {
    description: 'csv: all of it in one piece. Accept: text/csv does the same.',
  }),
);

/** @param accept the header, which counts where no format is given */
export function wantsCsv(given: string | undefined, accept: string | undefined): boolean {
  if (given !== undefined) return given === 'csv';
  return accepts(accept, csvType) && !accepts(accept, 'application/json');
}

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
