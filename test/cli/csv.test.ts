import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCsvRow, readCsv } from '../../src/cli/csv.ts';
import { readCsvRecords } from '../../src/cli/import/record.ts';
import type { Line } from '../../src/cli/lines.ts';
import { collect } from './support.ts';

async function* lines(...texts: string[]): AsyncGenerator<Line> {
  for (const [index, text] of texts.entries()) yield { number: index + 1, text };
}

describe('CSV', () => {
  test('whatever is written is read back', async () => {
    const field = fc.stringMatching(/^[a",\n é]{0,6}$/);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { maxLength: 5 }),
        async (rows) => {
          const text = rows
            .map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(','))
            .join('\n');
          const read = await collect(readCsv(lines(...(text === '' ? [] : text.split('\n')))));
          expect(read.map((row) => ('fields' in row ? row.fields : row.problem))).toEqual(rows);
        },
      ),
    );
  });

  test.each([
    ['a,b', ['a', 'b']],
    ['a,', ['a', '']],
    [',', ['', '']],
    ['"a ""b"", c",d', ['a "b", c', 'd']],
    ['"",""', ['', '']],
  ])('%s', (text, fields) => {
    expect(parseCsvRow(text)).toEqual(fields);
  });

  test('a quote that is never closed costs only its line', async () => {
    const rows = await collect(
      readCsv(lines('a,"12 inch', 'b,1', 'c,"quoted"', 'd,"two', 'lines"', 'e,5" plate')),
    );
    expect(rows).toEqual([
      { line: 1, problem: 'text follows a closing quote' },
      { line: 2, fields: ['b', '1'] },
      { line: 3, fields: ['c', 'quoted'] },
      { line: 4, fields: ['d', 'two\nlines'] },
      { line: 6, problem: 'a quote stands inside a field that is not quoted' },
    ]);
  });

  test('a quote open to the end of the file, or over too many lines, costs only its line', async () => {
    const many = Array.from({ length: 300 }, (_, index) => `row ${index}`);
    const rows = await collect(readCsv(lines('"open', ...many)));
    expect(rows[0]).toEqual({ line: 1, problem: 'a quoted field is not closed' });
    expect(rows).toHaveLength(301);
    expect(rows.slice(1).every((row) => 'fields' in row)).toBe(true);
  });
});

describe('CSV records', () => {
  test('columns in any order; both stock cells empty means nothing is said', async () => {
    const read = await collect(
      readCsvRecords(lines('quantity,Name,sku,warehouse', '5,Cup,A,London', ',Mug,B,')),
    );
    expect(read).toMatchObject([
      { line: 2, value: { sku: 'A', name: 'Cup', stock: [{ warehouse: 'London', quantity: 5 }] } },
      { line: 3, value: { sku: 'B', name: 'Mug', stock: [] } },
    ]);
  });

  test.each([
    ['A,Cup,London', '3 columns, where the header has 4'],
    [',Cup,London,1', 'sku must not be empty'],
    ['A,,London,1', 'name must not be empty'],
    ['A,Cup,,1', 'warehouse is missing'],
    ['A,Cup,London,', 'quantity must be a whole number'],
    ['A,Cup,London,-1', 'quantity must be a whole number'],
    ['A,Cup,London,1.5', 'quantity must be a whole number'],
    ['A,Cup,London,9007199254740992', 'quantity must be a whole number'],
  ])('a bad row is named: %s', async (row, problem) => {
    const [read] = await collect(readCsvRecords(lines('sku,name,warehouse,quantity', row)));
    expect(read).toMatchObject({ line: 2, problem: expect.stringContaining(problem) });
  });

  test.each([
    ['', 'needs a header line'],
    ['sku,colour', "unknown column 'colour'"],
    ['sku,category', "column 'name' is missing"],
    ['sku,name,sku', "column 'sku' stands twice"],
    ['sku,name,quantity', 'go together'],
  ])('a header that cannot be used ends the import: %j', async (header, problem) => {
    await expect(collect(readCsvRecords(lines(header, 'x,y,z')))).rejects.toThrow(
      header === '' ? 'unknown column' : problem,
    );
    if (header === '') await expect(collect(readCsvRecords(lines('')))).rejects.toThrow(problem);
  });
});
