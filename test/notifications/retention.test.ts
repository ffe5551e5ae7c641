// What is kept, and for how long.
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { Events } from './support/events.ts';
import { Harness } from './support/service.ts';

let harness: Harness;
let events: Events;
beforeEach(async () => {
  harness = await Harness.create();
  events = new Events();
});
afterEach(() => harness.close());

const webhookUrls = ['http://127.0.0.1:9/nobody'];

test('what is over is forgotten after its time, in statements of bounded size; what waits is kept', async () => {
  const before = harness.open({ webhookUrls });
  for (let count = 0; count < 10; count += 1)
    await before.handler.handle(events.confirmed(randomUUID(), null));
  await harness.sql`update notifications set created_at = now() - interval '31 days' where id <= 8`;
  await harness.sql`update notifications set status = 'failed' where id <= 7`;
  await harness.sql`update notifications set status = 'failed' where id = 9`;
  await harness.sql`update consumed set at = now() - interval '91 days'
    where event_id in (select event_id from notifications where id <= 6)`;
  await harness.start({ webhookUrls, limits: { forgetRowsMax: 2 } });
  await until('the old ones to go', async () => (await harness.rows()).length === 3);
  await until('the old marks to go', async () => (await harness.sql`select from consumed`).length === 4);
  expect((await harness.rows()).map(({ id }) => Number(id))).toEqual([8, 9, 10]);
});
