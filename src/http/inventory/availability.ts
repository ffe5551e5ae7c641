// The fast read for storefronts: how much of each SKU can be had, at most a second old.
import Type from 'typebox';
import { getAvailability } from '../../api/inventory/availability.ts';
import type { AvailabilityCache } from '../../api/inventory/availability-cache.ts';
import type { InventoryDeps } from '../../api/inventory/deps.ts';
import { requestLimits as limits } from '../../api/limits.ts';
import { answer } from '../answer.ts';
import { count, headers, query, time, uuid } from '../fields.ts';
import { isoTime } from '../given.ts';
import type { RouteGroup } from '../group.ts';
import { json, problems } from '../openapi/answers.ts';

export function availabilityRoutes(deps: InventoryDeps, cache: AvailabilityCache): RouteGroup['routes'] {
  const method = getAvailability(cache);
  return (rest) => {
    rest.get(
      '/v1/availability',
      {
        schema: {
          operationId: 'getAvailability',
          summary: 'How much can be had',
          description:
            'The fast read for storefronts: of each SKU what is available over all active warehouses. Comes out of a cache, and is never older than a second when it leaves; `asOf` says how old it is. Who needs the number of this moment reads the levels. SKUs of which there is no item are listed, and are no error.',
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
                asOf: time('Everything in the answer was true then, or later.'),
              }),
            ),
            ...problems(),
          },
        },
      },
      async (request, reply) => {
        const names = { skus: 'sku' };
        const asked = { skus: request.query.sku };
        const { asOf, ...told } = await answer(method, asked, { request, reply }, deps, names);
        return { ...told, asOf: isoTime(new Date(asOf)) };
      },
    );
  };
}
