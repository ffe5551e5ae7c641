// Changes of levels as Server-Sent Events.
import Type from 'typebox';
import type { Follower } from '../../api/feed/follower.ts';
import type { InventoryDeps } from '../../api/inventory/deps.ts';
import { type LevelChange, streamInventoryUpdates } from '../../api/inventory/updates.ts';
import { requestLimits as limits } from '../../api/limits.ts';
import { checked } from '../../api/validate/check.ts';
import * as rules from '../../api/validate/text.ts';
import type { InventoryUpdateEvent } from '../../generated/synkro/inventory/v1/inventory.ts';
import { eventHeaders, eventQuery, resumeTokenOf, streamAnswer } from '../events/event-schemas.ts';
import { sendEvents } from '../events/event-stream.ts';
import { query, time, uuid } from '../fields.ts';
import type { Edge, Rest } from '../group.ts';
import { problems } from '../openapi/answers.ts';
import { named } from '../openapi/named.ts';
import { levelJson } from './present.ts';
import { exampleIds, Level } from './schemas.ts';

const LevelEvent = named(
  'LevelEvent',
  Type.Object(
    {
      eventId: Type.String({ description: 'The same for everybody who gets it.', examples: ['3-4711-0'] }),
      eventType: Type.String({
        description:
          'What happened: created, adjusted, transferred, deleted, held, allocated, committed, released, expired, givenBack or fulfilled.',
        examples: ['held'],
      }),
      level: Level,
      timestamp: time('When it happened.'),
    },
    { description: 'The `data` of an event: a level as a change left it.' },
  ),
);

const example = `retry: 1000
id: WzEsWzQ3MTBdXQ

id: WzEsWzQ3MTBdLDAsMF0
event: held
data: {"eventId":"0-4711-0","eventType":"held","level":{"itemId":"${exampleIds.item}","…":"…"},"timestamp":"2026-01-31T12:00:00.000Z"}
`;

const ids = (description: string) =>
  Type.Optional(Type.Array(uuid('An id.'), { maxItems: limits.filterIdsMax, description }));

export function levelEvent({ eventId, eventType, inventoryLevel, timestamp }: InventoryUpdateEvent) {
  const data = { eventId, eventType, level: levelJson(inventoryLevel), timestamp };
  return { event: eventType, data };
}

export function inventoryEventRoutes(deps: InventoryDeps, follower: Follower<LevelChange>) {
  return (rest: Rest, edge: Edge): void => {
    rest.get(
      '/v1/inventory/events',
      {
        exposeHeadRoute: false,
        schema: {
          operationId: 'streamLevels',
          summary: 'Follow changes of stock',
          description:
            'Server-Sent Events of every change of a level, each shard’s in order, none left out and none twice. `id:` is the resume token, `event:` the type, `data:` JSON (LevelEvent). The first thing sent is an `id:` without data, so that a reconnect misses nothing. A token that is older than what is kept: 410; read the levels again, then follow without a token. A client that does not read is waited for, and cut off after two minutes.',
          headers: eventHeaders,
          querystring: query({
            itemId: ids('Only of these items; may be given several times.'),
            sku: Type.Optional(
              Type.Array(Type.String(), { maxItems: limits.filterIdsMax, description: 'The same by SKU.' }),
            ),
            warehouseId: ids('Only in these warehouses; may be given several times.'),
            ...eventQuery,
          }),
          response: {
            200: streamAnswer(LevelEvent, example),
            ...problems('warehouse-not-found', 'token-expired'),
          },
        },
      },
      async (request, reply) => {
        const { itemId = [], sku = [], warehouseId = [], lastEventId } = request.query;
        const { token, name } = resumeTokenOf({ request, reply }, lastEventId);
        const skus = checked((check) =>
          check.each('sku', sku, { min: 0, max: limits.filterIdsMax }, (each, at) =>
            at.field('', each, rules.sku),
          ),
        );
        const asked = {
          itemIds: [...itemId, ...skus.map((each) => deps.itemIds.of(each))],
          warehouseIds: warehouseId,
          resumeToken: token,
        };
        const names = { item_ids: 'itemId', warehouse_ids: 'warehouseId', resume_token: name };
        const route = { stream: streamInventoryUpdates, deps, follower, present: levelEvent, names };
        await sendEvents(route, asked, { request, reply }, edge);
      },
    );
  };
}
