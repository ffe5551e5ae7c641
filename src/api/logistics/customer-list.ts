// ListCustomers: all of them, or those that all words of a query lead to.
import {
  ListCustomersRequest,
  ListCustomersResponse,
} from '../../generated/synkro/logistics/v1/logistics.ts';
import { invalidField, Refused } from '../errors.ts';
import { checked } from '../validate/check.ts';
import { cut, pageOf } from '../validate/pages.ts';
import { isUuid } from '../validate/text.ts';
import type { LogisticsCall, LogisticsMethod } from './deps.ts';
import { openCustomers } from './personal.ts';
import { customerMessage } from './present.ts';
import { customersQuery } from './rules.ts';

/** Those whose key is gone are left out, also where the tables do not know it yet: a page may be short for them. */
export const listCustomers: LogisticsMethod<ListCustomersRequest, ListCustomersResponse> = {
  name: 'ListCustomers',
  request: ListCustomersRequest,
  response: ListCustomersResponse,
  async handle(request, call) {
    const { page, query } = checked((check) => ({
      query: check.field('query', request.query, customersQuery),
      page: pageOf(check, request, ['ListCustomers', request.query], isUuid),
    }));
    const terms = query === '' ? [] : await termsOf(call, query);
    const { rows, asOf } = await call.deps.queries.listCustomers({
      terms,
      afterId: page.after,
      limit: page.size + 1,
    });
    const shown = cut(page, rows, ({ id }) => id);
    const opened = await openCustomers(call.deps.vault, shown.rows);
    call.sendAsOf(asOf);
    const customers = shown.rows.flatMap((row, index) => {
      const personal = opened[index] ?? null;
      return personal === null ? [] : [customerMessage(row, personal)];
    });
    return { customers, nextPageToken: shown.nextPageToken };
  },
};

/** @throws Refused: nothing to look for would find everybody */
async function termsOf(call: LogisticsCall, query: string): Promise<readonly string[]> {
  const terms = await call.deps.vault.terms([query]);
  if (terms.length === 0) throw new Refused(invalidField('query', 'has no word that could be looked for'));
  return terms;
}
