// Streaming readers of the retail data set (datasets/online-retail/README.md): the catalogue, and the orders and
// cancels in order of time. A bad line is handed on with its number and the reason; it stops nothing.
import { arrayField, fieldsOf, integerField, optionalTextField, RecordError, textField } from './fields.ts';
import { type Line, readLines } from './lines.ts';

export interface CatalogueRecord {
  readonly sku: string;
  readonly name: string;
  /** Over the whole year, at least 0. */
  readonly unitsOrdered: number;
}

export interface OrderLine {
  readonly sku: string;
  /** At least 1. */
  readonly quantity: number;
  /** In pence; 0 where the record has none. */
  readonly unitPriceMinor: number;
}

/** An order, or goods given back; the same SKU may stand on several lines. */
export interface OrderRecord {
  readonly type: 'order' | 'cancel';
  readonly id: string;
  /** Null: a guest. */
  readonly customer: string | null;
  /** As the shop wrote it, in English; '' where the record has none. */
  readonly country: string;
  readonly lines: readonly OrderLine[];
}

/** A record of a file with the number of its line, or what is wrong with that line. */
export type Numbered<T> =
  | { readonly line: number; readonly value: T }
  | { readonly line: number; readonly problem: string };

const codeCharactersMax = 128;
const nameCharactersMax = 1_000;
const linesMax = 2_000;

/** The records of an NDJSON file; empty lines are passed over. */
export async function* readRecords<T>(
  path: string,
  parse: (value: unknown) => T,
  onBytes?: (bytes: number) => void,
): AsyncGenerator<Numbered<T>> {
  for await (const line of readLines(path, onBytes)) {
    if ('text' in line && line.text.trim() === '') continue;
    yield parseLine(line, parse);
  }
}

/** One line of NDJSON through a guard that throws RecordError. */
export function parseLine<T>(line: Line, parse: (value: unknown) => T): Numbered<T> {
  if ('problem' in line) return { line: line.number, problem: line.problem };
  try {
    const value: unknown = JSON.parse(line.text);
    return { line: line.number, value: parse(value) };
  } catch (error) {
    if (error instanceof RecordError) return { line: line.number, problem: error.message };
    if (error instanceof SyntaxError) return { line: line.number, problem: 'not valid JSON' };
    throw error;
  }
}

export function parseCatalogueRecord(value: unknown): CatalogueRecord {
  const fields = fieldsOf(value, 'a catalogue record');
  return {
    sku: textField(fields, 'sku', codeCharactersMax),
    name: textField(fields, 'name', nameCharactersMax),
    unitsOrdered: integerField(fields, 'units_ordered', 0),
  };
}

export function parseOrderRecord(value: unknown): OrderRecord {
  const fields = fieldsOf(value, 'a record');
  const type = fields['type'];
  if (type !== 'order' && type !== 'cancel') throw new RecordError("type must be 'order' or 'cancel'");
  return {
    type,
    id: textField(fields, 'id', codeCharactersMax),
    customer:
      fields['customer'] === undefined || fields['customer'] === null
        ? null
        : textField(fields, 'customer', codeCharactersMax),
    country: optionalTextField(fields, 'country') ?? '',
    lines: arrayField(fields, 'lines', 1, linesMax).map(parseOrderLine),
  };
}

function parseOrderLine(value: unknown, index: number): OrderLine {
  const fields = fieldsOf(value, `lines[${index}]`);
  return {
    sku: textField(fields, 'sku', codeCharactersMax, `lines[${index}].sku`),
    quantity: integerField(fields, 'qty', 1, `lines[${index}].qty`),
    unitPriceMinor:
      fields['unit_price_minor'] === undefined
        ? 0
        : integerField(fields, 'unit_price_minor', 0, `lines[${index}].unit_price_minor`),
  };
}
