// Amounts between the contract (units and billionths) and the actors (whole minor units). Exact, both ways.
import { isCurrency, type Money, minorDigits, minorMax, money } from '../../actors/logistics/money.ts';
import type { Money as WireMoney } from '../../generated/synkro/logistics/v1/logistics.ts';
import type { Check, Rule } from '../validate/check.ts';

const nanosDigits = 9;
const nanosMax = 999_999_999;

const currencyCode: Rule<string, string> = (value, refuse) => {
  if (value === '') refuse('is required');
  else if (!isCurrency(value)) refuse('is not a currency (ISO 4217)');
  return value;
};

/** An amount that is not negative. Null where it was refused. */
export function priceOf(check: Check, name: string, given: WireMoney | undefined): Money | null {
  if (given === undefined) {
    check.refuse(name, 'is required');
    return null;
  }
  const at = check.within(name);
  const currency = at.field('currency_code', given.currencyCode, currencyCode);
  const problem = problemOf(given, currency);
  if (problem !== null) at.refuse(...problem);
  if (problem !== null || !isCurrency(currency)) return null;
  const { unit, nano } = scalesOf(currency);
  return money(currency, given.units * unit + BigInt(given.nanos) / nano);
}

/** The field, and what is wrong with it. */
function problemOf({ units, nanos }: WireMoney, currency: string): readonly [string, string] | null {
  if (nanos < -nanosMax || nanos > nanosMax) return ['nanos', `must be -${nanosMax} to ${nanosMax}`];
  if ((units > 0n && nanos < 0) || (units < 0n && nanos > 0)) return ['nanos', 'must have the sign of units'];
  if (units < 0n) return ['units', 'may not be negative'];
  if (nanos < 0) return ['nanos', 'may not be negative'];
  if (!isCurrency(currency)) return null;
  const { unit, nano } = scalesOf(currency);
  if (BigInt(nanos) % nano !== 0n)
    return ['nanos', `${currency} has ${minorDigits(currency)} decimal places, and no more`];
  return units * unit + BigInt(nanos) / nano > minorMax ? ['units', tooMuch] : null;
}

export const tooMuch = `is more than an amount can be (${minorMax} of the smallest unit)`;

/** Minor units of one unit, and billionths of one minor unit. */
function scalesOf(currency: string): { readonly unit: bigint; readonly nano: bigint } {
  const digits = minorDigits(currency);
  return { unit: 10n ** BigInt(digits), nano: 10n ** BigInt(nanosDigits - digits) };
}

export function moneyMessage({ currency, minor }: Money): WireMoney {
  const { unit, nano } = scalesOf(currency);
  const amount = BigInt(minor);
  return { currencyCode: currency, units: amount / unit, nanos: Number((amount % unit) * nano) };
}
