// Numbers what the outside world hears of an actor: every event of the journal that the published mapping (src/events) turns
// into messages carries the number of the first of them. So each subject's messages are dense from 1, whoever publishes them,
// however often, and from whatever position of the journal (I15).
import { type Behaviour, type Decision, InvariantViolation } from './behaviour.ts';
import { isInteger, type Shape } from './shape.ts';

/** Part of the state: the number of the last message; 0 before the first. */
export interface Numbered {
  readonly published: number;
}

/** Part of an event that is published: the number of its first message. */
export interface Stamped {
  readonly n?: number;
}

/** Of a stored state, beside its own shape. */
export function numberedShape<State>(shape: Shape<State>): Shape<State & Numbered> {
  return (value): value is State & Numbered =>
    shape(value) &&
    typeof value === 'object' &&
    value !== null &&
    'published' in value &&
    isInteger(value.published);
}

/** @param countOf how many messages the mapping makes of an event; most make none */
export function numbered<State, Command, Event extends object>(
  behaviour: Behaviour<State, Command, Event>,
  countOf: (event: Event) => number,
): Behaviour<State & Numbered, Command, Event & Stamped> {
  const stamp = (
    { published }: Numbered,
    { events, ...decision }: Decision<Event>,
  ): Decision<Event & Stamped> => {
    if (events === undefined) return decision;
    let next = published + 1;
    const stamped = events.map((event): Event & Stamped => {
      const count = countOf(event);
      if (count === 0) return event;
      const n = next;
      next += count;
      return { ...event, n };
    });
    return { ...decision, events: stamped };
  };
  const { answered, due, dueAt, effects, resulted, touches, isLedger } = behaviour;
  return {
    kind: behaviour.kind,
    initial: { ...behaviour.initial, published: 0 },
    decide: (state, command, context) => stamp(state, behaviour.decide(state, command, context)),
    evolve: (state, event) => evolve(behaviour, countOf, state, event),
    ...(answered && {
      answered: (state, tag, answer, context) => stamp(state, answered(state, tag, answer, context)),
    }),
    ...(due && { due: (state, context) => stamp(state, due(state, context)) }),
    ...(resulted && {
      resulted: (state, key, result, context) => stamp(state, resulted(state, key, result, context)),
    }),
    ...(dueAt && { dueAt }),
    ...(effects && { effects }),
    ...(touches && { touches }),
    ...(isLedger && { isLedger }),
  };
}

function evolve<State, Command, Event extends object>(
  behaviour: Behaviour<State, Command, Event>,
  countOf: (event: Event) => number,
  state: State & Numbered,
  event: Event & Stamped,
): State & Numbered {
  const next = behaviour.evolve(state, event);
  if (event.n === undefined) return { ...next, published: state.published };
  if (event.n !== state.published + 1)
    throw new InvariantViolation('I15', `message ${event.n} comes after ${state.published}`);
  return { ...next, published: state.published + countOf(event) };
}
