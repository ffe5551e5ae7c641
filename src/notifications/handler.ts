// Events into rows. What an event leads to is written in one statement with the mark that it was taken in; sending it is
// the couriers' affair. Events that come at the same time go into one statement.
import type { PublishedEvent } from '../events/event.ts';
import { type EventHandler, NotNow } from '../events/handler.ts';
import type { NewNotification, NotificationStore, TakenIn } from '../persistence/notifications/store.ts';
import { Gatherer } from '../runtime/gatherer.ts';
import { StoreError } from '../runtime/store.ts';
import type { NotificationLimits } from './limits.ts';
import { type Audience, ruleOf } from './rules.ts';

export interface HandlerDeps {
  readonly store: Pick<NotificationStore, 'takeIn' | 'eraseCustomer'>;
  readonly webhookUrls: readonly string[];
  /** Whom mail is sent to. */
  readonly mailTo: readonly Audience[];
  /** Something waits for these targets. */
  readonly wake: (targets: ReadonlySet<string>) => void;
  readonly limits: NotificationLimits;
}

export function createNotificationHandler(deps: HandlerDeps): EventHandler {
  const gatherer = new Gatherer<TakenIn, StoreError | null>((events) => takeInAll(events, deps), {
    itemsMax: deps.limits.intakeEventsMax,
    // One after another: so the ids of the rows are in the order in which they come to be seen.
    underWayMax: 1,
  });
  return {
    async handle(event) {
      const notifications = notificationsOf(event, deps);
      try {
        if (event.type === 'CustomerErased') {
          await deps.store.eraseCustomer(event.data.customerId, 'the customer was erased');
        }
        // Nothing to be sent, nothing to be remembered: a repeat leads to nothing again.
        if (notifications.length === 0) return;
        const fault = await gatherer.ask(takenInOf(event, notifications));
        if (fault !== null) throw fault;
      } catch (error) {
        if (!(error instanceof StoreError) || error.kind === 'broken') throw error;
        throw new NotNow('the database of notifications does not answer', { cause: error });
      }
    },
  };
}

function notificationsOf(event: PublishedEvent, deps: HandlerDeps): readonly NewNotification[] {
  const rule = ruleOf(event);
  if (rule === null) return [];
  const { patienceMs } = deps.limits;
  const about = { template: rule.template, patienceMs, ...whose(event) };
  const posts = deps.webhookUrls.map((target) => ({ ...about, channel: 'webhook' as const, target }));
  const mail = { ...about, channel: 'mail' as const, target: rule.audience };
  return deps.mailTo.includes(rule.audience) ? [...posts, mail] : posts;
}

function whose({ type, data }: PublishedEvent): Pick<NewNotification, 'orderId' | 'customerId'> {
  switch (type) {
    case 'OrderStatusChanged':
    case 'OrderCancelled':
      return { orderId: data.orderId, customerId: data.customerId };
    case 'ShipmentDispatched':
    case 'PaymentFailed':
      return { orderId: data.orderId, customerId: null };
    default:
      return { orderId: null, customerId: null };
  }
}

function takenInOf(event: PublishedEvent, notifications: readonly NewNotification[]): TakenIn {
  const { id, subject } = event;
  return {
    subject,
    eventId: id,
    event: JSON.stringify(event),
    notifications,
  };
}

/** In the order given: what is the matter with each. @throws StoreError that is none of theirs */
async function takeInAll(
  events: readonly TakenIn[],
  deps: HandlerDeps,
): Promise<readonly (StoreError | null)[]> {
  try {
    deps.wake(await deps.store.takeIn(events));
    return events.map(() => null);
  } catch (error) {
    if (!isBroken(error)) throw error;
    if (events.length === 1) return [error];
  }
  const faults: (StoreError | null)[] = [];
  for (const event of events) faults.push(await takeInAlone(event, deps));
  return faults;
}

/** One that cannot be taken in keeps out no other. */
async function takeInAlone(event: TakenIn, deps: HandlerDeps): Promise<StoreError | null> {
  try {
    deps.wake(await deps.store.takeIn([event]));
    return null;
  } catch (error) {
    if (!isBroken(error)) throw error;
    return error;
  }
}

function isBroken(error: unknown): error is StoreError {
  return error instanceof StoreError && error.kind === 'broken';
}
