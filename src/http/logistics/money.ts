// Amounts of money: decimal text in JSON, where a number would be a binary fraction; units and billionths in the contract.
// Exact both ways, by whole numbers and text alone.
import Type, { type Static } from 'typebox';
import { formatAmount, minorDigits, money } from '../../actors/logistics/money.ts';
import type { Money as WireMoney } from '../../generated/synkro/logistics/v1/logistics.ts';
import { amountPattern, body, currencyPattern } from '../fields.ts';
import { given } from '../given.ts';
import type { Names } from '../names.ts';
import { named } from '../openapi/named.ts';

export const Money = named(
  'Money',
  body(
    {
      amount: Type.String({
        pattern: amountPattern,
        description: 'Decimal text, never negative, with no more decimal places than the currency has.',
        examples: ['12.50'],
      }),
      currency: Type.String({
        pattern: currencyPattern,
        description: 'ISO 4217.',
        examples: ['GBP'],
      }),
    },
    {
      description: 'An exact amount. Answers have as many decimal places as the currency.',
      examples: [{ amount: '12.50', currency: 'GBP' }],
    },
  ),
);

const nanosDigits = 9;

/** @param amount of the form that the schema demands */
export function moneyMessage({ amount, currency }: Static<typeof Money>): WireMoney {
  const [units = '', decimals = ''] = amount.split('.');
  return {
    currencyCode: currency,
    units: BigInt(units),
    nanos: Number(decimals.padEnd(nanosDigits, '0')),
  };
}

export function moneyJson(message: WireMoney | undefined): Static<typeof Money> {
  const { currencyCode: currency, units, nanos } = given(message);
  const digits = minorDigits(currency);
  const minor = units * 10n ** BigInt(digits) + BigInt(nanos) / 10n ** BigInt(nanosDigits - digits);
  return { amount: formatAmount(money(currency, minor)), currency };
}

/** How fields of the contract's money at this path are spelled. @param path in the contract, with `[]` for places in lists */
export function moneyNames(path: string, spelled: string): Names {
  return {
    [`${path}.currency_code`]: `${spelled}.currency`,
    [`${path}.units`]: `${spelled}.amount`,
    [`${path}.nanos`]: `${spelled}.amount`,
  };
}
