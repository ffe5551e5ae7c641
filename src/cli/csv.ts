// CSV (RFC 4180) with numbered rows, streamed. Written here rather than taken from a library for one reason: a quote
// that is never closed costs only the line it stands on, where a general parser takes the rest of the file with it.
import { csvFieldLinesMax } from './limits.ts';
import type { Line } from './lines.ts';

/** A row with the number of the line it begins on, or what is wrong with that line. */
export type Row =
  | { readonly line: number; readonly fields: readonly string[] }
  | { readonly line: number; readonly problem: string };

/** Rows of a CSV; empty lines are passed over. Quoted fields may hold line ends, commas and doubled quotes. */
export async function* readCsv(lines: AsyncIterable<Line>): AsyncGenerator<Row> {
  const source = new Lookahead(lines);
  for (;;) {
    const first = await source.peek(0);
    if (first === undefined) return;
    if ('problem' in first) {
      source.take(1);
      yield { line: first.number, problem: first.problem };
    } else if (first.text.trim() === '') {
      source.take(1);
    } else {
      yield await readRow(source, first.number, first.text);
    }
  }
}

/** Joins lines while a quote is open. A row that comes to nothing takes only its first line. */
async function readRow(source: Lookahead, line: number, first: string): Promise<Row> {
  let text = first;
  for (let taken = 1; ; taken += 1) {
    const row = parseCsvRow(text);
    if (Array.isArray(row)) {
      source.take(taken);
      return { line, fields: row };
    }
    const next = row === openQuote && taken < csvFieldLinesMax ? await source.peek(taken) : undefined;
    if (next === undefined || 'problem' in next) {
      source.take(1);
      return { line, problem: row };
    }
    text += `\n${next.text}`;
  }
}

export const openQuote = 'a quoted field is not closed';

const quote = '"';

/** The fields of one row, or what is wrong with it. */
export function parseCsvRow(text: string): string[] | string {
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    if (text[at] === quote) {
      const end = closingQuote(text, at + 1);
      if (end === -1) return openQuote;
      fields.push(text.slice(at + 1, end).replaceAll('""', quote));
      at = end + 1;
      if (at < text.length && text[at] !== ',') return 'text follows a closing quote';
    } else {
      const comma = text.indexOf(',', at);
      const end = comma === -1 ? text.length : comma;
      const field = text.slice(at, end);
      if (field.includes(quote)) return 'a quote stands inside a field that is not quoted';
      fields.push(field);
      at = end;
    }
    if (at >= text.length) return fields;
    at += 1;
  }
}

function closingQuote(text: string, from: number): number {
  let at = text.indexOf(quote, from);
  while (at !== -1 && text[at + 1] === quote) at = text.indexOf(quote, at + 2);
  return at;
}

/** Lines that can be looked at before they are taken. */
class Lookahead {
  readonly #lines: AsyncIterator<Line>;
  readonly #buffer: Line[] = [];

  constructor(lines: AsyncIterable<Line>) {
    this.#lines = lines[Symbol.asyncIterator]();
  }

  async peek(index: number): Promise<Line | undefined> {
    while (this.#buffer.length <= index) {
      const next = await this.#lines.next();
      if (next.done === true) return undefined;
      this.#buffer.push(next.value);
    }
    return this.#buffer[index];
  }

  take(count: number): void {
    this.#buffer.splice(0, count);
  }
}
