// Amounts of money: whole minor units of a currency. Text where they are stored or sent (JSON has no exact integers
// beyond 2^53 - 1), bigint where they are reckoned with. No binary floating point anywhere.
import { isText, objectOf } from '../shape.ts';

export interface Money {
  /** ISO 4217, such as GBP. */
  readonly currency: string;
  /** Whole minor units (pence), a decimal integer as text, such as '1250'. */
  readonly minor: string;
}

/** The bound of every amount, in minor units: what a bigint column and int64 hold, with room for sums of 2,000 lines. */
export const minorMax = 10n ** 15n;

/** Decimal places of the currencies that have not two (ISO 4217, list one). */
const digits: Readonly<Record<string, number>> = {
  ...places(0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'),
  ...places(3, 'BHD IQD JOD KWD LYD OMR TND'),
  ...places(4, 'CLF UYW'),
};

const twoDigits =
  'AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF ' +
  'CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF ' +
  'IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN ' +
  'MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS ' +
  'SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD YER ZAR ZMW ZWG';

const known: ReadonlySet<string> = new Set([...twoDigits.split(' '), ...Object.keys(digits)]);

function places(count: number, currencies: string): Record<string, number> {
  return Object.fromEntries(currencies.split(' ').map((currency) => [currency, count]));
}

export const isMoney = objectOf<Money>({ currency: isText, minor: isText });

export function isCurrency(code: string): boolean {
  return known.has(code);
}

/** Decimal places of the currency's minor unit. */
export function minorDigits(currency: string): number {
  return digits[currency] ?? 2;
}

export function money(currency: string, minor: bigint): Money {
  return { currency, minor: minor.toString() };
}

export function zero(currency: string): Money {
  return money(currency, 0n);
}

/** @throws RangeError where the currencies differ: whoever adds has compared them before */
export function add(a: Money, b: Money): Money {
  requireSame(a, b);
  return money(a.currency, BigInt(a.minor) + BigInt(b.minor));
}

/** @throws RangeError where the currencies differ */
export function subtract(a: Money, b: Money): Money {
  requireSame(a, b);
  return money(a.currency, BigInt(a.minor) - BigInt(b.minor));
}

/** @param count a whole number */
export function times(amount: Money, count: number): Money {
  return money(amount.currency, BigInt(amount.minor) * BigInt(count));
}

export function isZero(amount: Money): boolean {
  return BigInt(amount.minor) === 0n;
}

/** Negative, 0 or positive, as a is less than, the same as or more than b. @throws RangeError where the currencies differ */
export function compareMoney(a: Money, b: Money): number {
  requireSame(a, b);
  const difference = BigInt(a.minor) - BigInt(b.minor);
  return difference === 0n ? 0 : difference < 0n ? -1 : 1;
}

/** As people write it, with the currency's decimal places: '12.50'. */
export function formatAmount({ currency, minor }: Money): string {
  const places = minorDigits(currency);
  if (places === 0) return minor;
  const negative = minor.startsWith('-');
  const padded = (negative ? minor.slice(1) : minor).padStart(places + 1, '0');
  return `${negative ? '-' : ''}${padded.slice(0, -places)}.${padded.slice(-places)}`;
}

/** Null where it is no decimal number, or has more decimal places than the currency. */
export function parseAmount(currency: string, text: string): Money | null {
  const match = /^(-?)(\d{1,16})(?:\.(\d{1,9}))?$/.exec(text);
  if (match === null) return null;
  const places = minorDigits(currency);
  const decimals = (match[3] ?? '').replace(/0+$/, '');
  if (decimals.length > places) return null;
  const minor = BigInt(`${match[2]}${decimals.padEnd(places, '0')}`);
  return money(currency, match[1] === '-' ? -minor : minor);
}

function requireSame(a: Money, b: Money): void {
  if (a.currency !== b.currency) throw new RangeError(`${a.currency} and ${b.currency} do not add up`);
}
