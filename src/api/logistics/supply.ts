// What the shop has to order anew, item by item: the list from the tables, one from its actors. gRPC has neither.
import { isSupply } from '../../actors/logistics/supply/guards.ts';
import type { Supply } from '../../actors/logistics/supply/model.ts';
import { nullable } from '../../actors/shape.ts';
import { onlyItemOf } from '../naming.ts';
import { checked } from '../validate/check.ts';
import { cut, pageOf } from '../validate/pages.ts';
import { itemOf, type NamedItem } from '../validate/references.ts';
import { isUuid } from '../validate/text.ts';
import type { LogisticsCall, LogisticsMethod, SupplyQuestion, SupplyRow } from './deps.ts';
import { knownItemsOf } from './known-items.ts';
import { isWaitingView } from './views.ts';

/** It has no messages in the contract. */
type SupplyMethod<Request, Response> = Pick<
  LogisticsMethod<Request, Response>,
  'name' | 'handle' | 'itemsOf'
>;

export interface SupplyAsked {
  /** Null: whether or not stock is low. */
  readonly isLow: boolean | null;
  readonly pageSize: number;
  readonly pageToken: string;
}

export interface SupplyPage {
  readonly rows: readonly SupplyRow[];
  readonly nextPageToken: string;
}

/** In order of SKU. */
export const listSupply: SupplyMethod<SupplyAsked, SupplyPage> = {
  name: 'ListSupply',
  async handle({ isLow, ...request }, call) {
    const page = checked((check) =>
      pageOf(check, request, ['ListSupply', isLow ?? ''], (key) => placeOf(key) !== null),
    );
    const after = page.after === null ? null : placeOf(page.after);
    const { rows, asOf } = await call.deps.queries.listSupply({ isLow, after, limit: page.size + 1 });
    call.sendAsOf(asOf);
    return cut(page, rows, ({ id, supply }) => `${id}/${supply.sku}`);
  },
};

/** Where in the list a row stands. */
function placeOf(key: string): SupplyQuestion['after'] {
  const id = key.slice(0, key.indexOf('/'));
  return isUuid(id) ? { id, sku: key.slice(id.length + 1) } : null;
}

export interface SupplyOfItem {
  readonly id: string;
  readonly sku: string;
  /** Null: there is such an item, and nothing was heard of it yet. */
  readonly supply: Supply | null;
  readonly waitingUnits: number;
}

export const getSupply: SupplyMethod<NamedItem, SupplyOfItem> = {
  name: 'GetSupply',
  itemsOf: onlyItemOf,
  async handle(request, call) {
    const id = checked((check) => itemOf(check, request, call.deps.itemIds));
    const [supply, { units }] = await Promise.all([
      call.read({ kind: 'supply', id }, { type: 'get' }, nullable(isSupply)),
      call.read({ kind: 'queue', id }, { type: 'get' }, isWaitingView),
    ]);
    return { id, sku: supply?.sku ?? (await skuOf(id, call)), supply, waitingUnits: units };
  },
};

/** @throws Refused (item-not-found) where there is no such item */
async function skuOf(id: string, call: LogisticsCall): Promise<string> {
  const { inventory } = call.deps;
  const skus = await knownItemsOf(inventory).skusOf([id], inventory, call.deadline);
  return skus.get(id) ?? '';
}
