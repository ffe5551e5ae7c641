// What the outside world hears: one message of the published mapping, as it stands in the broker's queues and as every
// consumer gets it. The contract's section on events; the data of each type is in catalogue.ts.
import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { isObject } from '../actors/shape.ts';
import { catalogue, type EventType, eventTypes } from './catalogue.ts';

/** Of the envelope and of the data: raised where a reader of the old one would misunderstand the new one. */
export const eventVersion = 1;

export const Envelope = Type.Object({
  id: Type.String({
    minLength: 1,
    maxLength: 128,
    description: 'Unique, and the same whenever the event is published again.',
  }),
  sequence: Type.Integer({
    minimum: 1,
    maximum: Number.MAX_SAFE_INTEGER,
    description: 'Of the event among those of its subject: 1, 2, 3, … without gaps.',
  }),
  type: Type.Enum([...eventTypes]),
  time: Type.String({
    format: 'date-time',
    description: 'When it was recorded, by the clock of the database.',
  }),
  version: Type.Literal(eventVersion),
  subject: Type.String({
    minLength: 1,
    maxLength: 256,
    description: 'What it happened to, such as orders/{id}: events of one subject come in order.',
  }),
  data: Type.Object({}, { additionalProperties: true }),
});

/** @typeParam T one type of event, or any */
export type PublishedEvent<T extends EventType = EventType> = {
  readonly [K in T]: Omit<Static<typeof Envelope>, 'type' | 'data'> & {
    readonly type: K;
    readonly data: Static<(typeof catalogue)[K]['data']>;
  };
}[T];

const isEnvelope = Compile(Envelope);
const checks = new Map<EventType, ReturnType<typeof Compile>>();

/** Compiled when it is first needed: a start need not wait for all of them. */
function checkOf(type: EventType): ReturnType<typeof Compile> {
  let check = checks.get(type);
  if (check === undefined) {
    check = Compile(catalogue[type].data);
    checks.set(type, check);
  }
  return check;
}

/** Whether it has the form of its type, which a consumer of any version from 1 on may rely on. */
export function isPublishedEvent(value: unknown): value is PublishedEvent {
  return isEnvelope.Check(value) && checkOf(value.type).Check(value.data);
}

/** Why it is none, for people; '' where it is one. */
export function problemOf(value: unknown): string {
  return problemOfVersion(value) ?? problemOfForm(value);
}

/** Of another release, whose form is not for this one to judge; null where it is not. */
function problemOfVersion(value: unknown): string | null {
  const version = isObject(value) ? value['version'] : undefined;
  return Number.isSafeInteger(version) && version !== eventVersion
    ? `it is of version ${version}, and this release knows version ${eventVersion}`
    : null;
}

function problemOfForm(value: unknown): string {
  const [first] = isEnvelope.Check(value) ? checkOf(value.type).Errors(value.data) : isEnvelope.Errors(value);
  if (first === undefined) return '';
  const where = isEnvelope.Check(value) ? `data${first.instancePath}` : first.instancePath;
  return `${where === '' ? 'it' : where} ${first.message}`;
}

export function routingKeyOf(type: EventType): string {
  return catalogue[type].routingKey;
}

/** The source's part of an event's id: sequences are dense for each source and subject. */
export function sourceOf({ id }: Pick<PublishedEvent, 'id'>): string {
  return id.split('.', 1)[0] ?? '';
}
