// Every type of event: its routing key and its data. The one table that the mapping from the journal, the consumers, the
// JSON Schemas (docs/events) and the AsyncAPI document follow from.
import { inventoryCatalogue } from './inventory-catalogue.ts';
import { logisticsCatalogue } from './logistics-catalogue.ts';

export const catalogue = { ...inventoryCatalogue, ...logisticsCatalogue };

export type EventType = keyof typeof catalogue;

export function isEventType(text: string): text is EventType {
  return Object.hasOwn(catalogue, text);
}

export const eventTypes: readonly EventType[] = Object.keys(catalogue).filter(isEventType);
