// Pence in the data set and in the books, Money over gRPC. Everything here is in one currency.
import type { Money } from '../../generated/synkro/logistics/v1/logistics.ts';

export const currency = 'GBP';

const minorPerUnit = 100n;
const nanosPerMinor = 10_000_000n;

export function toMoney(minor: bigint): Money {
  return {
    currencyCode: currency,
    units: minor / minorPerUnit,
    nanos: Number((minor % minorPerUnit) * nanosPerMinor),
  };
}

/** Nothing at all is 0. @throws RangeError where it is another currency, or no whole number of pence */
export function toMinor(money: Money | undefined): bigint {
  if (money === undefined) return 0n;
  const { currencyCode, units, nanos } = money;
  if (currencyCode !== currency || BigInt(nanos) % nanosPerMinor !== 0n)
    throw new RangeError(`an amount of ${units} and ${nanos} billionths of ${currencyCode}`);
  return units * minorPerUnit + BigInt(nanos) / nanosPerMinor;
}

/** 123456 as `GBP 1,234.56`. */
export function moneyText(minor: bigint): string {
  const grouped = new Intl.NumberFormat('en-GB', { style: 'decimal' }).format(minor / minorPerUnit);
  return `${currency} ${grouped}.${(minor % minorPerUnit).toString().padStart(2, '0')}`;
}
