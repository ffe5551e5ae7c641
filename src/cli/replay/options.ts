// The options that `demo` and `replay` have in common.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { concurrencyMax, paymentMethodCharactersMax } from '../limits.ts';
import { type Fraction, fileOption, fractionOption, integerOption, UsageError } from '../options.ts';

export interface ReplayOptions {
  readonly orders: string;
  readonly catalogue: string;
  /** Records at most. */
  readonly limit: number;
  readonly concurrency: number;
  readonly stockFactor: Fraction;
  /** The payment token of every order. */
  readonly paymentMethod: string;
}

export const replayOptionConfig = {
  orders: { type: 'string' },
  catalogue: { type: 'string' },
  limit: { type: 'string' },
  concurrency: { type: 'string' },
  'stock-factor': { type: 'string' },
  'payment-method': { type: 'string' },
} as const;

export const replayOptionHelp = `
  --orders FILE        orders and cancels, NDJSON or .gz (default: datasets/online-retail/orders.ndjson.gz)
  --catalogue FILE     the SKUs, NDJSON or .gz (default: datasets/online-retail/catalogue.ndjson.gz)
  --limit N            play only the first N records
  --concurrency N      records in flight, 1 to ${concurrencyMax} (default 64)
  --stock-factor X     each SKU starts with ceil(X * units_ordered), a decimal number (default 1)
  --payment-method T   the payment token of every order (default tok_approve; docs/PAYMENTS.md lists those of the sandbox)`;

type Values = { readonly [K in keyof typeof replayOptionConfig]?: string | undefined };

/** @throws UsageError naming the option */
export function replayOptions(values: Values): ReplayOptions {
  return {
    orders: fileOption('--orders', values.orders ?? datasetFile('orders.ndjson.gz')),
    catalogue: fileOption('--catalogue', values.catalogue ?? datasetFile('catalogue.ndjson.gz')),
    limit: integerOption('limit', values.limit ?? '1000000000', 1, 1_000_000_000),
    concurrency: integerOption('concurrency', values.concurrency ?? '64', 1, concurrencyMax),
    stockFactor: fractionOption('stock-factor', values['stock-factor'] ?? '1'),
    paymentMethod: paymentMethodOption(values['payment-method'] ?? 'tok_approve'),
  };
}

function paymentMethodOption(text: string): string {
  if (text.length === 0 || text.length > paymentMethodCharactersMax)
    throw new UsageError(`--payment-method must have 1 to ${paymentMethodCharactersMax} characters`);
  return text;
}

/** The data set lies beside the sources: at the nearest folder above this file that has it. */
function datasetFile(name: string): string {
  const relative = join('datasets', 'online-retail', name);
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const candidate = join(folder, relative);
    if (existsSync(candidate)) return candidate;
    if (dirname(folder) === folder) return relative;
  }
}
