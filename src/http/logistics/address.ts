// Postal addresses, as they are sent and as they are shown. Personal: stored sealed.
import Type, { type Static } from 'typebox';
import { logisticsLimits as limits } from '../../api/logistics/limits.ts';
import type { Address as WireAddress } from '../../generated/synkro/logistics/v1/logistics.ts';
import { body, text } from '../fields.ts';
import { named } from '../openapi/named.ts';

const line = (description: string) => text(limits.addressLineCharactersMax, description);

const fields = {
  recipientName: line('Who receives it.'),
  line1: line('Street and number.'),
  line2: line('What else there is to find it by.'),
  city: line('City.'),
  state: line('State, county or province.'),
  postalCode: text(limits.postalCodeCharactersMax, 'As the country writes it.'),
  countryCode: text(2, 'ISO 3166-1 alpha-2; shown in capitals.', { examples: ['GB'] }),
  phone: text(limits.phoneCharactersMax, 'For the carrier.'),
};

const example = {
  recipientName: 'Ada Lovelace',
  line1: '12 St James’s Square',
  line2: '',
  city: 'London',
  state: '',
  postalCode: 'SW1Y 4JH',
  countryCode: 'GB',
  phone: '',
};

export const Address = named(
  'Address',
  Type.Object(fields, { description: 'What was not given is empty.', examples: [example] }),
);

export const NewAddress = named(
  'NewAddress',
  body(
    {
      recipientName: Type.Optional(fields.recipientName),
      line1: Type.Optional(fields.line1),
      line2: Type.Optional(fields.line2),
      city: Type.Optional(fields.city),
      state: Type.Optional(fields.state),
      postalCode: Type.Optional(fields.postalCode),
      countryCode: Type.Optional(fields.countryCode),
      phone: Type.Optional(fields.phone),
    },
    { description: 'What is not given is empty; all of it empty is none.', examples: [example] },
  ),
);

const empty: WireAddress = {
  recipientName: '',
  line1: '',
  line2: '',
  city: '',
  state: '',
  postalCode: '',
  countryCode: '',
  phone: '',
};

export function addressMessage(given: Static<typeof NewAddress> | undefined): WireAddress | undefined {
  return given === undefined ? undefined : { ...empty, ...given };
}
