// The first orders of a real shop, as they were: 27 lines on average, nearly half of them with one of ten SKUs.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type CatalogueRecord,
  type Numbered,
  parseCatalogueRecord,
  parseOrderRecord,
  readRecords,
} from '../../src/cli/dataset.ts';
import { packageRoot } from '../../src/service/paths.ts';
import type { Line, Workload } from './scenarios.ts';

const folder = join(fileURLToPath(packageRoot), 'datasets', 'online-retail');

export const baskets: Workload = {
  title: 'real baskets',
  async load(limit) {
    const found: (readonly Line[])[] = [];
    for await (const record of readRecords(join(folder, 'orders.ndjson.gz'), parseOrderRecord)) {
      const { type, lines } = wellFormed(record);
      if (type === 'order') found.push(lines);
      if (found.length >= limit) break;
    }
    return found;
  },
};

export async function readCatalogue(): Promise<CatalogueRecord[]> {
  const found: CatalogueRecord[] = [];
  for await (const record of readRecords(join(folder, 'catalogue.ndjson.gz'), parseCatalogueRecord))
    found.push(wellFormed(record));
  return found;
}

function wellFormed<T>(record: Numbered<T>): T {
  if ('problem' in record) throw new Error(`line ${record.line} of the data set: ${record.problem}`);
  return record.value;
}
