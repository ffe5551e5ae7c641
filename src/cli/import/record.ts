// What a line of an import says: an item and its counted stock. Guards for NDJSON and CSV; nothing is sent here.
import type { Row } from '../csv.ts';
import { readCsv } from '../csv.ts';
import { type Numbered, readRecords } from '../dataset.ts';
import {
  arrayField,
  type Fields,
  fieldsOf,
  integerField,
  isFields,
  optionalTextField,
  RecordError,
  textField,
} from '../fields.ts';
import { type Line, readLines } from '../lines.ts';
import { CommandError } from '../options.ts';

export interface StockEntry {
  /** A warehouse's id or name. */
  readonly warehouse: string;
  /** What was counted there, at least 0. */
  readonly quantity: number;
}

/** Fields that a line leaves out are undefined, and stay as they are on an item that exists. */
export interface ImportRecord {
  readonly sku: string;
  readonly name: string;
  readonly description: string | undefined;
  readonly category: string | undefined;
  readonly attributes: Fields | undefined;
  readonly stock: readonly StockEntry[];
}

export type ImportFormat = 'ndjson' | 'csv';

const skuCharactersMax = 128;
const nameCharactersMax = 10_000;
const warehousesMax = 1_000;

export function readImport(
  path: string,
  format: ImportFormat,
  onBytes?: (bytes: number) => void,
): AsyncGenerator<Numbered<ImportRecord>> {
  return format === 'csv'
    ? readCsvRecords(readLines(path, onBytes))
    : readRecords(path, parseRecord, onBytes);
}

export function parseRecord(value: unknown): ImportRecord {
  const fields = fieldsOf(value, 'a record');
  const attributes = fields['attributes'] ?? undefined;
  if (attributes !== undefined && !isFields(attributes))
    throw new RecordError('attributes must be a JSON object');
  const stock =
    (fields['stock'] ?? undefined) === undefined ? [] : arrayField(fields, 'stock', 0, warehousesMax);
  return {
    sku: textField(fields, 'sku', skuCharactersMax),
    name: textField(fields, 'name', nameCharactersMax),
    description: optionalTextField(fields, 'description'),
    category: optionalTextField(fields, 'category'),
    attributes,
    stock: stock.map(parseStockEntry),
  };
}

function parseStockEntry(value: unknown, index: number): StockEntry {
  const at = `stock[${index}]`;
  const fields = fieldsOf(value, at);
  return {
    warehouse: textField(fields, 'warehouse', nameCharactersMax, `${at}.warehouse`),
    quantity: integerField(fields, 'quantity', 0, `${at}.quantity`),
  };
}

export const csvColumns = ['sku', 'name', 'description', 'category', 'warehouse', 'quantity'] as const;
type Column = (typeof csvColumns)[number];

/** @throws CommandError where the header cannot be used: without it no line means anything */
export async function* readCsvRecords(lines: AsyncIterable<Line>): AsyncGenerator<Numbered<ImportRecord>> {
  let header: readonly Column[] | undefined;
  for await (const row of readCsv(lines)) {
    if (header === undefined) header = parseHeader(row);
    else yield parseRow(header, row);
  }
  if (header === undefined) throw new CommandError('the file is empty; a CSV needs a header line');
}

function parseHeader(row: Row): Column[] {
  if ('problem' in row) throw new CommandError(`line ${row.line}, the header: ${row.problem}`);
  const header = row.fields.map((field) => {
    const column = csvColumns.find((name) => name === field.trim().toLowerCase());
    if (column !== undefined) return column;
    throw new CommandError(
      `line ${row.line}, the header: unknown column '${field}'; a CSV has the columns ${csvColumns.join(',')}`,
    );
  });
  const missing = (['sku', 'name'] as const).find((column) => !header.includes(column));
  if (missing !== undefined)
    throw new CommandError(`line ${row.line}, the header: column '${missing}' is missing`);
  const twice = header.find((column, index) => header.indexOf(column) !== index);
  if (twice !== undefined)
    throw new CommandError(`line ${row.line}, the header: column '${twice}' stands twice`);
  if (header.includes('warehouse') !== header.includes('quantity')) {
    throw new CommandError(`line ${row.line}, the header: 'warehouse' and 'quantity' go together`);
  }
  return header;
}

function parseRow(header: readonly Column[], row: Row): Numbered<ImportRecord> {
  if ('problem' in row) return row;
  const { line, fields } = row;
  if (fields.length !== header.length) {
    return { line, problem: `${fields.length} columns, where the header has ${header.length}` };
  }
  const cells: Record<string, string> = {};
  for (const [index, column] of header.entries()) cells[column] = fields[index] ?? '';
  try {
    return {
      line,
      value: {
        sku: textField(cells, 'sku', skuCharactersMax),
        name: textField(cells, 'name', nameCharactersMax),
        description: cells['description'],
        category: cells['category'],
        attributes: undefined,
        stock: cellStock(cells['warehouse'] ?? '', cells['quantity'] ?? ''),
      },
    };
  } catch (error) {
    if (error instanceof RecordError) return { line, problem: error.message };
    throw error;
  }
}

/** Both cells empty: the line says nothing of stock. */
function cellStock(warehouse: string, quantity: string): StockEntry[] {
  if (warehouse === '' && quantity === '') return [];
  if (warehouse === '') throw new RecordError('warehouse is missing, where there is a quantity');
  const units = /^\d{1,16}$/.test(quantity) ? Number(quantity) : Number.NaN;
  if (!Number.isSafeInteger(units)) {
    throw new RecordError(`quantity must be a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`);
  }
  return [{ warehouse, quantity: units }];
}
