// The published mapping: from a row of the journal to the messages that it makes. Pure, and the same whenever it is asked, so
// that an event that is published again is the same message (I15).
import { InvariantViolation } from '../../actors/behaviour.ts';
import type { ItemEvent } from '../../actors/inventory/item/model.ts';
import type { OrderEvent as StockEvent } from '../../actors/inventory/order-stock/model.ts';
import type { WarehouseEvent } from '../../actors/inventory/warehouse/model.ts';
import type { CustomerEvent } from '../../actors/logistics/customer/model.ts';
import type { OrderEvent } from '../../actors/logistics/order/messages.ts';
import { isInteger, isObject, isText } from '../../actors/shape.ts';
import { decodeRecord } from '../../runtime/record.ts';
import type { JournalRow } from '../../runtime/store.ts';
import { eventVersion, isPublishedEvent, type PublishedEvent, problemOf } from '../event.ts';
import { itemMessages, reservationMessages, warehouseMessages } from './inventory.ts';
import { customerMessages, orderMessages } from './logistics.ts';
import { type Message, timeOf } from './message.ts';

export type Service = 'inventory' | 'logistics';

interface Kind {
  /** Before the actor's id. */
  readonly subject: string;
  messages(id: string, event: Recorded): readonly Message[];
}

/** An event of the journal that says that it is published. */
interface Recorded {
  readonly type: string;
  readonly n: number;
}

function isRecorded(event: unknown): event is Recorded {
  return isObject(event) && isText(event['type']) && isInteger(event['n']);
}

/**
 * Our own journal is believed to hold, under a kind, what that kind's behaviour wrote; what comes of it is held against the
 * schema of its type, so that nothing leaves that is none.
 */
function kind<Event>(subject: string, map: (id: string, event: Event) => readonly Message[]): Kind {
  const believed = (_event: unknown): _event is Event => true;
  return { subject, messages: (id, event) => (believed(event) ? map(id, event) : []) };
}

const kinds: Readonly<Record<Service, ReadonlyMap<string, Kind>>> = {
  inventory: new Map([
    ['order', kind<StockEvent>('reservations', reservationMessages)],
    ['item', kind<ItemEvent>('items', itemMessages)],
    ['warehouse', kind<WarehouseEvent>('warehouses', warehouseMessages)],
  ]),
  logistics: new Map([
    ['order', kind<OrderEvent>('orders', orderMessages)],
    ['customer', kind<CustomerEvent>('customers', customerMessages)],
  ]),
};

/** Where messages come from: the first part of their ids. */
export function formatSource(service: Service, databaseId: string): string {
  return `${service}-${databaseId.replaceAll('-', '').slice(0, 12)}`;
}

/**
 * In the order of the row.
 * @throws InvariantViolation where the row holds what the mapping cannot say
 */
export function envelopesOf(
  service: Service,
  source: string,
  row: Pick<JournalRow, 'shard' | 'seq' | 'at' | 'events'>,
): readonly PublishedEvent[] {
  const found: PublishedEvent[] = [];
  const time = timeOf(row.at);
  for (const { ref, event } of decodeRecord(row.events).events) {
    const mapped = isRecorded(event) ? kinds[service].get(ref.kind) : undefined;
    if (mapped === undefined || !isRecorded(event)) continue;
    const messages = mapped.messages(ref.id, event);
    for (const [index, { type, data }] of messages.entries()) {
      const envelope = {
        id: `${source}.${row.shard}.${row.seq}.${found.length}`,
        sequence: event.n + index,
        type,
        time,
        version: eventVersion,
        subject: `${mapped.subject}/${ref.id}`,
        data,
      };
      if (!isPublishedEvent(envelope))
        throw new InvariantViolation('I15', `${envelope.id} is no ${type}: ${problemOf(envelope)}`);
      found.push(envelope);
    }
  }
  return found;
}
