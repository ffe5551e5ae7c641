// All benchmarks of events, by their names.
import { brokerAway } from './broker-away.ts';
import { delay } from './delay.ts';
import type { EventScenarioName } from './options.ts';
import { overhead } from './overhead.ts';
import { publish } from './publish/scenario.ts';
import type { EventScenario } from './scenario.ts';

export const eventScenarios: Readonly<Record<EventScenarioName, EventScenario>> = {
  'events-publish': publish,
  'events-delay': delay,
  'events-broker-away': brokerAway,
  'events-overhead': overhead,
};
