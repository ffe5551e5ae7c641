// A customer: one actor each. It keeps sealed text only, and when it is deleted sees to it that the key is destroyed.
//
// Life cycle of the erasure: none -> erasing (the effect `destroyKey` is wanted) -> erased. From erasing on the customer is
// not found; the id is never used again, since its key is gone for good.
import { type Context, type Decision, type Effect, InvariantViolation, type Reply } from '../../behaviour.ts';
import { fail, keyReused } from '../../failure.ts';
import { numbered } from '../../numbered.ts';
import type { Customer, CustomerCommand, CustomerEvent, CustomerState, CustomerView } from './model.ts';
import { publishedCount } from './published.ts';

type Of<Type extends CustomerCommand['type']> = Extract<CustomerCommand, { readonly type: Type }>;

const erasedToken = 'erased';

function decide(state: CustomerState, command: CustomerCommand, context: Context): Decision<CustomerEvent> {
  switch (command.type) {
    case 'create':
      return create(state, command, context);
    case 'claimKey':
      return { reply: state.customer === null ? { ok: null } : keyReused() };
    case 'get':
      return { reply: replyOf(state, context) };
    case 'update':
      return update(state, command, context);
    case 'erase':
      return erase(state, context);
  }
}

function create(state: CustomerState, command: Of<'create'>, context: Context): Decision<CustomerEvent> {
  const { sealed, terms, fingerprint, isIdOfKey } = command;
  const { customer, erasure } = state;
  const customerId = context.self.id;
  if (erasure !== 'none') {
    return {
      reply: fail('customer-exists', `a customer ${customerId} existed, and was deleted`, { customerId }),
    };
  }
  if (customer === null) {
    const event: CustomerEvent = { type: 'created', sealed, terms, fingerprint, at: context.now };
    return { events: [event], reply: replyOf(evolve(state, event), context) };
  }
  if (customer.fingerprint === fingerprint) return { reply: replyOf(state, context) };
  return {
    reply: isIdOfKey
      ? keyReused()
      : fail('customer-exists', `a customer ${customerId} with other content exists`, { customerId }),
  };
}

function update(state: CustomerState, command: Of<'update'>, context: Context): Decision<CustomerEvent> {
  const known = living(state);
  if (known === null) return { reply: notFound(context) };
  if (known.updatedAt !== command.updatedAt)
    return {
      reply: fail('customer-changed', 'the customer was changed meanwhile: read it, and change it again'),
    };
  const { sealed, terms } = command;
  // Two changes within one millisecond are still two.
  const at = Math.max(context.now, known.updatedAt + 1);
  const event: CustomerEvent = { type: 'updated', sealed, terms, at };
  return { events: [event], reply: replyOf(evolve(state, event), context) };
}

function erase(state: CustomerState, context: Context): Decision<CustomerEvent> {
  if (state.erasure === 'erased') return { reply: erased(context) };
  if (state.erasure === 'erasing') return { park: erasedToken };
  if (state.customer === null) return { reply: notFound(context) };
  return { events: [{ type: 'erasureBegan' }], park: erasedToken };
}

function effects(state: CustomerState): readonly Effect[] {
  return state.erasure === 'erasing' ? [{ key: 'destroyKey', kind: 'destroyKey', request: null }] : [];
}

function resulted(
  _state: CustomerState,
  key: string,
  result: Reply,
  context: Context,
): Decision<CustomerEvent> {
  if (!('ok' in result)) throw new InvariantViolation('I6', `${key} came to ${JSON.stringify(result)}`);
  return { events: [{ type: 'erased' }], wake: [{ token: erasedToken, reply: erased(context) }] };
}

function evolve(state: CustomerState, event: CustomerEvent): CustomerState {
  switch (event.type) {
    case 'created': {
      const { sealed, terms, fingerprint, at } = event;
      return { customer: { sealed, terms, fingerprint, createdAt: at, updatedAt: at }, erasure: 'none' };
    }
    case 'updated': {
      const { sealed, terms, at } = event;
      if (state.customer === null) throw new InvariantViolation('I4', 'a change of no customer');
      return { ...state, customer: { ...state.customer, sealed, terms, updatedAt: at } };
    }
    case 'erasureBegan':
      return { ...state, erasure: 'erasing' };
    case 'erased': {
      const { customer } = state;
      return {
        customer: customer === null ? null : { ...customer, sealed: '', terms: [], fingerprint: '' },
        erasure: 'erased',
      };
    }
  }
}

function living({ customer, erasure }: CustomerState): Customer | null {
  return erasure === 'none' ? customer : null;
}

function replyOf(state: CustomerState, context: Context): Reply {
  const known = living(state);
  if (known === null) return notFound(context);
  const { sealed, createdAt, updatedAt } = known;
  const ok: CustomerView = { id: context.self.id, sealed, createdAt, updatedAt };
  return { ok };
}

function erased(context: Context): Reply {
  return { ok: { id: context.self.id } };
}

function notFound(context: Context) {
  const customerId = context.self.id;
  return fail('customer-not-found', `no customer ${customerId}`, { customerId });
}

const initial: CustomerState = { customer: null, erasure: 'none' };

export const customer = numbered(
  { kind: 'customer', initial, decide, evolve, effects, resulted },
  publishedCount,
);
