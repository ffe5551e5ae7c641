// The fast read for storefronts: how much of each SKU can be had, over all active warehouses. From the items themselves.
import Type from 'typebox';
import type { ItemView } from '../../actors/inventory/item/model.ts';
import { Refused } from '../../api/errors.ts';
import type { InventoryCall, InventoryDeps } from '../../api/inventory/deps.ts';
import { itemRef } from '../../api/inventory/items.ts';
import { isItemView, isWarehouse } from '../../api/inventory/views.ts';
import { warehouseRef } from '../../api/inventory/warehouses.ts';
import { callLimits, requestLimits as limits } from '../../api/limits.ts';
import { allSettledInOrder } from '../../api/parallel.ts';
import { checked } from '../../api/validate/check.ts';
import * as rules from '../../api/validate/text.ts';
import { type Answerable, answer } from '../answer.ts';
import { count, headers, query, uuid } from '../fields.ts';
import type { RouteGroup } from '../group.ts';
import { json, problems } from '../openapi/answers.ts';

interface Available {
  readonly sku: string;
  readonly itemId: string;
  readonly available: number;
}

interface Answered {
  readonly availability: Available[];
  /** SKUs of which there is no item. */
  readonly unknown: string[];
}

const getAvailability: Answerable<{ readonly skus: readonly string[] }, Answered, InventoryDeps> = {
  name: 'GetAvailability',
  async handle(request, call) {
    const bounds = { min: 1, max: limits.levelsItemsMax };
    const skus = checked((check) =>
      check.each('skus', request.skus, bounds, (sku, at) => at.field('', sku, rules.sku)),
    );
    const asked = [...new Set(skus)];
    const views = await readAll(asked, call);
    const active = await activeWarehouses(views, call);
    const availability: Available[] = [];
    const unknown: string[] = [];
    for (const [index, sku] of asked.entries()) {
      const view = views[index];
      if (view === undefined || view === null) unknown.push(sku);
      else availability.push({ sku, itemId: view.id, available: availableIn(view, active) });
    }
    return { availability, unknown };
  },
};

function availableIn({ levels }: ItemView, active: ReadonlySet<string>): number {
  return levels
    .filter(({ warehouseId }) => active.has(warehouseId))
    .reduce((sum, { quantity, held, allocated }) => sum + quantity - held - allocated, 0);
}

/** Null where there is no such item. @throws Refused for anything else */
async function readAll(skus: readonly string[], call: InventoryCall): Promise<(ItemView | null)[]> {
  const results = await allSettledInOrder(skus, callLimits.bulkInFlightMax, (sku) =>
    call.read(itemRef(call.deps.itemIds.of(sku)), { type: 'get' }, isItemView),
  );
  return results.map((result) => {
    if (result.status === 'fulfilled') return result.value;
    if (result.reason instanceof Refused && result.reason.failure.code === 'item-not-found') return null;
    throw result.reason;
  });
}

/** Of the warehouses that have any level of these items. */
async function activeWarehouses(
  views: readonly (ItemView | null)[],
  call: InventoryCall,
): Promise<ReadonlySet<string>> {
  const ids = new Set(views.flatMap((view) => view?.levels ?? []).map(({ warehouseId }) => warehouseId));
  const results = await allSettledInOrder([...ids], callLimits.bulkInFlightMax, (id) =>
    call.read(warehouseRef(id), { type: 'get' }, isWarehouse),
  );
  const active = new Set<string>();
  for (const result of results) {
    if (result.status === 'rejected') throw result.reason;
    if (result.value.isActive) active.add(result.value.id);
  }
  return active;
}

export function availabilityRoutes(deps: InventoryDeps): RouteGroup['routes'] {
  return (rest) => {
    rest.get(
      '/v1/availability',
      {
        schema: {
          operationId: 'getAvailability',
          summary: 'How much can be had',
          description:
            'The fast read for storefronts: of each SKU what is available over all active warehouses. SKUs of which there is no item are listed, and are no error.',
          headers,
          querystring: query({
            sku: Type.Array(Type.String(), {
              minItems: 1,
              maxItems: limits.levelsItemsMax,
              description: 'May be given several times.',
              examples: [['85123A', '71053']],
            }),
          }),
          response: {
            200: json(
              'What can be had.',
              Type.Object({
                availability: Type.Array(
                  Type.Object({
                    sku: Type.String(),
                    itemId: uuid('Id of the item.'),
                    available: count('Over all active warehouses.'),
                  }),
                ),
                unknown: Type.Array(Type.String(), { description: 'SKUs of which there is no item.' }),
              }),
            ),
            ...problems(),
          },
        },
      },
      async (request, reply) => {
        const names = { skus: 'sku' };
        return answer(getAvailability, { skus: request.query.sku }, { request, reply }, deps, names);
      },
    );
  };
}
