// A REST server with both services over fakes, on a real socket: for the routes of Logistics, and for what holds of all.

import { Follower } from '../../../src/api/feed/follower.ts';
import { feedLimits } from '../../../src/api/limits.ts';
import { streamOrderUpdates } from '../../../src/api/logistics/updates.ts';
import { logisticsRoutes } from '../../../src/http/logistics/routes.ts';
import type { CallOptions } from './checked.ts';
import { type LogisticsFakes, logisticsFakes } from './logistics-fakes.ts';
import { type Harness, serve } from './server.ts';

export interface LogisticsHarness extends Harness {
  readonly logistics: LogisticsFakes;
}

export async function serveBoth({ subscribersMax = 64 } = {}): Promise<LogisticsHarness> {
  const logistics = logisticsFakes();
  const { project, keysOf } = streamOrderUpdates;
  const deps = { ...logistics, project, ...(keysOf === undefined ? {} : { keysOf }) };
  const updates = new Follower(deps, { ...feedLimits, subscribersMax });
  const harness = await serve({ groups: logisticsRoutes({ deps: logistics, updates }) });
  return { ...harness, logistics };
}

/** Actors answer as usual, and nothing has been asked. */
export function resetLogistics({ logistics }: LogisticsHarness): void {
  const { asker, queries, unknownItems } = logistics;
  asker.asked.length = 0;
  asker.answer = (asked) => logistics.usual(asked);
  queries.asked.length = 0;
  unknownItems.clear();
}

/** Calls, and says what the actors of Logistics have been asked. */
export async function askingLogistics(
  harness: LogisticsHarness,
  method: string,
  path: string,
  options: CallOptions = {},
) {
  const { asked } = harness.logistics.asker;
  asked.length = 0;
  const answered = await harness.call(method, path, options);
  return { ...answered, asked: asked.map(({ ref, command }) => ({ ref, command })) };
}
