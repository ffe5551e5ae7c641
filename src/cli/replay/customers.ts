// The shop's customers: each is made when the first order of theirs comes, once. The data set has only numbers for them;
// names and addresses are made up.
import { uuidv5 } from '../../actors/ids.ts';
import {
  type Address,
  CreateCustomerRequest,
  LogisticsServiceService as logistics,
} from '../../generated/synkro/logistics/v1/logistics.ts';
import type { Calls } from './calls.ts';
import { countryCode } from './countries.ts';
import type { Tally } from './tally.ts';

export class Customers {
  readonly #calls: Calls;
  readonly #tally: Tally;
  /** By number: the id, once the customer is there. */
  readonly #known = new Map<string, Promise<string>>();

  constructor(calls: Calls, tally: Tally) {
    this.#calls = calls;
    this.#tally = tally;
  }

  /** The customer's id; '' for a guest. @throws CallError where the customer could not be made */
  idOf(number: string | null): string | Promise<string> {
    if (number === null) return '';
    const known = this.#known.get(number) ?? this.#make(number);
    this.#known.set(number, known);
    return known;
  }

  async #make(number: string): Promise<string> {
    const id = uuidv5(`customer/${number}`);
    await this.#calls.call(
      'customer',
      logistics.createCustomer,
      CreateCustomerRequest.create({
        id,
        name: nameOf(number),
        email: `customer-${number.replaceAll(/[^\w.-]/g, '-')}@shop.example`,
        idempotencyKey: `customer/${number}`,
      }),
    );
    this.#tally.customers += 1;
    return id;
  }
}

/** Where an order goes. */
export function addressOf(customer: string | null, country: string): Address {
  return {
    recipientName: customer === null ? 'A guest' : nameOf(customer),
    line1: '1 High Street',
    line2: '',
    city: '',
    state: '',
    postalCode: '',
    countryCode: countryCode(country),
    phone: '',
  };
}

function nameOf(number: string): string {
  return `Customer ${number}`;
}
