// Addresses: read, kept as a plain value that is sealed, and shown.
import { isText, objectOf } from '../../actors/shape.ts';
import type { Address as WireAddress } from '../../generated/synkro/logistics/v1/logistics.ts';
import type { Check } from '../validate/check.ts';
import { addressLine, countryCode, phone, postalCode } from './rules.ts';

export interface Address {
  readonly recipientName: string;
  readonly line1: string;
  readonly line2: string;
  readonly city: string;
  readonly state: string;
  readonly postalCode: string;
  readonly countryCode: string;
  readonly phone: string;
}

export const isAddress = objectOf<Address>({
  recipientName: isText,
  line1: isText,
  line2: isText,
  city: isText,
  state: isText,
  postalCode: isText,
  countryCode: isText,
  phone: isText,
});

/** Null where it is not given, or nothing is in it. */
export function addressOf(check: Check, name: string, given: WireAddress | undefined): Address | null {
  if (given === undefined) return null;
  const at = check.within(name);
  const address: Address = {
    recipientName: at.field('recipient_name', given.recipientName, addressLine),
    line1: at.field('line1', given.line1, addressLine),
    line2: at.field('line2', given.line2, addressLine),
    city: at.field('city', given.city, addressLine),
    state: at.field('state', given.state, addressLine),
    postalCode: at.field('postal_code', given.postalCode, postalCode),
    countryCode: at.field('country_code', given.countryCode, countryCode),
    phone: at.field('phone', given.phone, phone),
  };
  return Object.values(address).every((text) => text === '') ? null : address;
}

export function addressMessage(address: Address | null): WireAddress | undefined {
  return address === null ? undefined : { ...address };
}
