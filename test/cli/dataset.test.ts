import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCatalogueRecord, parseLine, parseOrderRecord, readRecords } from '../../src/cli/dataset.ts';
import { type Line, LineSplitter, readLines } from '../../src/cli/lines.ts';
import { collect, TemporaryFolder } from './support.ts';

function split(chunks: readonly Buffer[], bytesMax?: number): Line[] {
  const splitter = new LineSplitter(bytesMax);
  return [...chunks.flatMap((chunk) => [...splitter.push(chunk)]), ...splitter.end()];
}

describe('lines', () => {
  test('wherever the chunks are cut, the lines are the same', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[aé€😀 ]{0,9}$/u)), fc.array(fc.nat(200)), (texts, cuts) => {
        const bytes = Buffer.from(texts.map((text) => `${text}\n`).join(''));
        const at = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
        const chunks = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
        expect(split(chunks)).toEqual(texts.map((text, index) => ({ number: index + 1, text })));
      }),
    );
  });

  test('CR LF, a byte order mark and a last line without an end', () => {
    expect(split([Buffer.from('\ufeffone\r\ntwo')])).toEqual([
      { number: 1, text: 'one' },
      { number: 2, text: 'two' },
    ]);
  });

  test('a line that is too long or not UTF-8 costs only itself', () => {
    const chunks = [
      Buffer.from(`${'x'.repeat(10)}`),
      Buffer.from('x\nab\n'),
      Buffer.from([0xff, 0x0a]),
      Buffer.from('c'),
    ];
    expect(split(chunks, 10)).toEqual([
      { number: 1, problem: 'longer than 10 bytes' },
      { number: 2, text: 'ab' },
      { number: 3, problem: 'not valid UTF-8' },
      { number: 4, text: 'c' },
    ]);
  });

  test('reads gzip, and tells how many bytes of the file it has read', async () => {
    using folder = new TemporaryFolder();
    let bytes = 0;
    const path = folder.file('a.gz', 'one\ntwo\n');
    const lines = await collect(readLines(path, (read) => (bytes += read)));
    expect(lines).toMatchObject([{ text: 'one' }, { text: 'two' }]);
    expect(bytes).toBe(gzipSync('one\ntwo\n').length);
  });

  test.each(['missing.gz', 'missing'])(
    'a file that is not there is an error with its name: %s',
    async (name) => {
      await expect(collect(readLines(`/no/such/${name}`))).rejects.toThrow(`/no/such/${name}`);
    },
  );

  test('a damaged gzip is an error with its name, not an end', async () => {
    using folder = new TemporaryFolder();
    const plain = folder.file('cut', gzipSync('one\n'.repeat(1_000)).subarray(0, 20));
    const { renameSync } = await import('node:fs');
    renameSync(plain, `${plain}.gz`);
    await expect(collect(readLines(`${plain}.gz`))).rejects.toThrow(/cannot read '.*cut\.gz'/);
  });
});

describe('records', () => {
  const good = {
    type: 'order',
    id: '1',
    ts: 't',
    customer: null,
    country: 'UK',
    lines: [{ sku: 'A', qty: 2, unit_price_minor: 255 }],
  };
  const parse = (value: unknown) => parseLine({ number: 7, text: JSON.stringify(value) }, parseOrderRecord);

  test('an order', () => {
    expect(parse(good)).toEqual({
      line: 7,
      value: {
        type: 'order',
        id: '1',
        customer: null,
        country: 'UK',
        lines: [{ sku: 'A', quantity: 2, unitPriceMinor: 255 }],
      },
    });
  });

  test('an order of which little is known: a guest’s, from nowhere, for nothing', () => {
    const { customer: _customer, country: _country, ...rest } = good;
    expect(parse({ ...rest, lines: [{ sku: 'A', qty: 2 }] })).toMatchObject({
      value: { customer: null, country: '', lines: [{ sku: 'A', quantity: 2, unitPriceMinor: 0 }] },
    });
    expect(parse({ ...good, customer: '17850' })).toMatchObject({ value: { customer: '17850' } });
  });

  test.each([
    [{ ...good, type: 'refund' }, "type must be 'order' or 'cancel'"],
    [{ ...good, id: undefined }, 'id is missing'],
    [{ ...good, id: 5 }, 'id must be a string'],
    [{ ...good, id: 'x'.repeat(129) }, 'id must not be longer than 128 characters'],
    [{ ...good, lines: [] }, 'lines must have 1 to 2000 entries, not 0'],
    [{ ...good, lines: {} }, 'lines must be an array'],
    [
      {
        ...good,
        lines: [
          { sku: 'A', qty: 1 },
          { sku: '', qty: 1 },
        ],
      },
      'lines[1].sku must not be empty',
    ],
    [{ ...good, lines: [{ sku: 'A', qty: 1.5 }] }, 'lines[0].qty must be a whole number'],
    [{ ...good, lines: [{ sku: 'A', qty: -1 }] }, 'lines[0].qty must be a whole number'],
    [{ ...good, lines: [{ sku: 'A', qty: 2 ** 53 }] }, 'lines[0].qty must be a whole number'],
    [
      { ...good, lines: [{ sku: 'A', qty: 1, unit_price_minor: 2.5 }] },
      'lines[0].unit_price_minor must be a whole number',
    ],
    [
      { ...good, lines: [{ sku: 'A', qty: 1, unit_price_minor: -1 }] },
      'lines[0].unit_price_minor must be a whole number',
    ],
    [{ ...good, customer: 17850 }, 'customer must be a string'],
    [{ ...good, customer: '' }, 'customer must not be empty'],
    [{ ...good, country: 7 }, 'country must be a string'],
    [[], 'a record must be a JSON object'],
    [null, 'a record must be a JSON object'],
  ])('a bad order names the field: %j', (value, problem) => {
    const parsed = parse(value);
    expect(parsed).toMatchObject({ line: 7, problem: expect.stringContaining(problem) });
  });

  test('a bad line keeps its number, and the good ones stay', async () => {
    using folder = new TemporaryFolder();
    const path = folder.file(
      'c.ndjson',
      '{"sku":"A","name":"a","units_ordered":0}\n\n{oops\n{"sku":"a","name":"b","units_ordered":3}\n',
    );
    expect(await collect(readRecords(path, parseCatalogueRecord))).toEqual([
      { line: 1, value: { sku: 'A', name: 'a', unitsOrdered: 0 } },
      { line: 3, problem: 'not valid JSON' },
      { line: 4, value: { sku: 'a', name: 'b', unitsOrdered: 3 } },
    ]);
  });
});
