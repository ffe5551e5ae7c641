/** What the mapping makes of everything that has happened in a small world of actors. */

import { uuidv5 } from '../../../src/actors/ids.ts';
import type { PublishedEvent } from '../../../src/events/event.ts';
import { envelopesOf, type Service } from '../../../src/events/mapping/envelopes.ts';
import { emptyRecord, encodeRecord } from '../../../src/runtime/record.ts';
import type { World } from '../../actors/support/world.ts';

/** Worlds of tests have short ids; the outside world is promised UUIDs. */
function withUuids(text: string): string {
  return text.replaceAll(/"(?:[a-z]+@\d|w\d|ada)"/g, (id) => JSON.stringify(uuidv5(id)));
}

/** In order for each subject. @throws where the mapping cannot say what the journal holds */
export function toldBy(world: World, service: Service, kinds: readonly string[]): readonly PublishedEvent[] {
  return kinds.flatMap((kind) =>
    world.ids(kind).flatMap((id) => {
      const ref = { kind, id };
      const events = world.events(kind, id).map((event) => ({ ref, event }));
      const row = {
        shard: 0,
        seq: 1,
        at: world.now,
        events: withUuids(encodeRecord({ ...emptyRecord, events })),
      };
      return envelopesOf(service, 'source', row);
    }),
  );
}

/** Of each subject, in order: what is not dense from 1. */
export function gapsIn(events: readonly PublishedEvent[]): readonly string[] {
  return [...Map.groupBy(events, ({ subject }) => subject)].flatMap(([subject, its]) =>
    its.flatMap(({ sequence }, index) =>
      sequence === index + 1 ? [] : [`${subject}: ${sequence} at ${index + 1}`],
    ),
  );
}
