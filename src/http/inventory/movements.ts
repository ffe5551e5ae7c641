// The audit trail of an item: a list that gRPC has not got.
import Type from 'typebox';
import type { InventoryDeps, MovementKey, MovementRow } from '../../api/inventory/deps.ts';
import { getItem } from '../../api/inventory/items.ts';
import { requestLimits as limits } from '../../api/limits.ts';
import { onlyItemOf } from '../../api/naming.ts';
import { checked } from '../../api/validate/check.ts';
import { cut, pageOf as pageAsked } from '../../api/validate/pages.ts';
import { itemOf, type NamedItem } from '../../api/validate/references.ts';
import * as rules from '../../api/validate/text.ts';
import { type Answerable, answer } from '../answer.ts';
import { headers, nextPageToken, pageOf, pageQuery, query, uuid } from '../fields.ts';
import type { RouteGroup } from '../group.ts';
import { asOfHeader, json, problems } from '../openapi/answers.ts';
import { readKey } from '../page-keys.ts';
import { ItemPath, itemInPath, itemNamed } from './named-item.ts';
import { Movement } from './schemas.ts';

interface Asked {
  readonly item: NamedItem;
  readonly warehouseId: string;
  readonly pageSize: number;
  readonly pageToken: string;
}

interface Page {
  readonly movements: readonly MovementRow[];
  readonly nextPageToken: string;
}

/** An item that was deleted still has its trail; one that there never was is not found. */
const listMovements: Answerable<Asked, Page, InventoryDeps> = {
  name: 'ListMovements',
  itemsOf: ({ item }) => onlyItemOf(item),
  async handle(request, call) {
    const { page, before, ...filter } = checked((check) => {
      const itemId = itemOf(check, request.item, call.deps.itemIds);
      const warehouseId = check.field('warehouse_id', request.warehouseId, rules.uuidOptional);
      const asked = pageAsked(check, request, ['ListMovements', itemId, warehouseId ?? '']);
      return { itemId, warehouseId, page: asked, before: readKey(check, asked.after, toKey) };
    });
    const listed = await call.deps.queries.listMovements({ ...filter, before, limit: page.size + 1 });
    if (listed.rows.length === 0 && before === null) {
      await getItem.handle({ id: filter.itemId, sku: '' }, call);
    }
    const shown = cut(page, listed.rows, fromKey);
    call.sendAsOf(listed.asOf);
    return { movements: shown.rows, nextPageToken: shown.nextPageToken };
  },
};

const fromKey = ({ at, warehouseId, version }: MovementKey) => JSON.stringify([at, warehouseId, version]);

function toKey([at, warehouseId, version, ...rest]: readonly unknown[]): MovementKey | null {
  if (rest.length > 0 || typeof warehouseId !== 'string' || !rules.isUuid(warehouseId)) return null;
  return isCount(at) && at <= limits.timestampMsMax && isCount(version) ? { at, warehouseId, version } : null;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

export function movementRoutes(deps: InventoryDeps): RouteGroup['routes'] {
  return (rest) => {
    rest.get(
      '/v1/items/:id/movements',
      {
        schema: {
          operationId: 'listMovements',
          summary: 'List the movements of an item',
          description:
            'The audit trail: every change of a quantity, newest first. From the tables, which lag by a moment.',
          headers,
          params: ItemPath,
          querystring: query({
            warehouseId: Type.Optional(uuid('Only those of this warehouse.')),
            ...pageQuery,
          }),
          response: {
            200: json(
              'A page of movements.',
              Type.Object({ movements: Type.Array(Movement), nextPageToken }),
              { headers: asOfHeader },
            ),
            ...problems('item-not-found'),
          },
        },
      },
      async (request, reply) => {
        const { warehouseId = '', ...page } = request.query;
        const asked = { item: itemNamed(request.params.id), warehouseId, ...pageOf(page) };
        const listed = await answer(listMovements, asked, { request, reply }, deps, itemInPath);
        const movements = listed.movements.map((row) => ({ ...row, at: new Date(row.at).toISOString() }));
        return { movements, nextPageToken: listed.nextPageToken };
      },
    );
  };
}
