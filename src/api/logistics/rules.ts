// The rules for what only Logistics is told: addresses, e-mail, carriers, tokens of payment gateways.

import type { Rule } from '../validate/check.ts';
import { line, lines } from '../validate/text.ts';
import { logisticsLimits as limits } from './limits.ts';

export const addressLine = line(0, limits.addressLineCharactersMax);
export const postalCode = line(0, limits.postalCodeCharactersMax);
export const phone = line(0, limits.phoneCharactersMax);
export const paymentMethod = line(0, limits.paymentMethodCharactersMax);
export const notes = lines(limits.notesCharactersMax);
export const carrier = line(0, limits.carrierCharactersMax);
export const trackingNumber = line(0, limits.trackingNumberCharactersMax);
export const lineId = line(1, limits.lineIdCharactersMax);
export const customersQuery = line(0, limits.customersQueryCharactersMax);

/** ISO 3166-1 alpha-2, in capitals; '' where it is not given. Whether there is such a country is not looked up. */
export const countryCode: Rule<string, string> = (value, refuse) => {
  if (value !== '' && !/^[a-z]{2}$/i.test(value)) refuse('must be two letters (ISO 3166-1)');
  return value.toUpperCase();
};

const emailText = line(0, limits.emailCharactersMax);

/** '' where it is not given. Only the form is looked at: what else an address may be, its own server knows. */
export const email: Rule<string, string> = (value, refuse) => {
  if (value !== '' && !/^[^\s@]+@[^\s@]+$/u.test(value)) refuse('is not an e-mail address');
  else emailText(value, refuse);
  return value;
};
