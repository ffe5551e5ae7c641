// Customers: made, read, changed, deleted and found. What is personal is sealed before it goes to the actor, and opened only
// to be shown; without the key there is no such customer any more.
import { failures } from '../../actors/failure.ts';
import type { CustomerCommand, CustomerView } from '../../actors/logistics/customer/model.ts';
import {
  CreateCustomerRequest,
  CustomerResponse,
  DeleteCustomerRequest,
  DeleteCustomerResponse,
  GetCustomerRequest,
  UpdateCustomerRequest,
} from '../../generated/synkro/logistics/v1/logistics.ts';
import { Refused } from '../errors.ts';
import { keyOf } from '../idempotency.ts';
import { isAnything } from '../inventory/views.ts';
import { type Check, checked } from '../validate/check.ts';
import { nameRequired, optional, uuid, uuidOptional } from '../validate/text.ts';
import { addressOf } from './address.ts';
import type { LogisticsCall, LogisticsMethod } from './deps.ts';
import { logisticsLimits as limits } from './limits.ts';
import { claimKey, madeIdOf } from './made-ids.ts';
import { type CustomerPersonal, openCustomers } from './personal.ts';
import { customerMessage } from './present.ts';
import { email, phone } from './rules.ts';
import { isCustomerView } from './views.ts';

export const customerRef = (id: string) => ({ kind: 'customer', id });

export const createCustomer: LogisticsMethod<CreateCustomerRequest, CustomerResponse> = {
  name: 'CreateCustomer',
  request: CreateCustomerRequest,
  response: CustomerResponse,
  async handle(request, call) {
    const { given, key, personal } = checked((check) => ({
      given: check.field('id', request.id, uuidOptional),
      key: keyOf(check, request.idempotencyKey, call.metadataKey),
      personal: personalOf(check, request),
    }));
    const { id, isIdOfKey, receipt } = madeIdOf(call, given, key);
    const sealed = await sealedAsNew(call, id, personal);
    await claimKey(call, customerRef(id).kind, given, key);
    const command: CustomerCommand = { type: 'create', ...sealed, isIdOfKey };
    const view = await call.write(customerRef(id), command, receipt, isCustomerView);
    return shown(call, view);
  },
};

function personalOf(check: Check, request: CreateCustomerRequest): CustomerPersonal {
  return {
    name: check.field('name', request.name, nameRequired),
    email: check.field('email', request.email, email),
    phone: check.field('phone', request.phone, phone),
    address: addressOf(check, 'default_address', request.defaultAddress),
  };
}

/** @throws Refused (customer-exists) where the id is that of a customer who was deleted */
async function sealedAsNew(call: LogisticsCall, id: string, personal: CustomerPersonal) {
  try {
    const fingerprint = await call.deps.vault.fingerprint(id, personal);
    return { ...(await sealed(call, id, personal)), fingerprint };
  } catch (thrown) {
    if (!(thrown instanceof Refused) || thrown.failure.code !== 'customer-not-found') throw thrown;
    throw new Refused({
      code: 'customer-exists',
      message: `a customer ${id} existed, and was deleted`,
      details: { customerId: id },
    });
  }
}

async function sealed({ deps: { vault } }: LogisticsCall, id: string, personal: CustomerPersonal) {
  const terms = await vault.terms([personal.name, personal.email]);
  return { sealed: await vault.seal(id, personal), terms };
}

export const getCustomer: LogisticsMethod<GetCustomerRequest, CustomerResponse> = {
  name: 'GetCustomer',
  request: GetCustomerRequest,
  response: CustomerResponse,
  async handle(request, call) {
    const id = checked((check) => check.field('id', request.id, uuid));
    return shown(call, await read(call, id));
  },
};

function read(call: LogisticsCall, id: string): Promise<CustomerView> {
  return call.read(customerRef(id), { type: 'get' } satisfies CustomerCommand, isCustomerView);
}

/** @throws Refused (customer-not-found) where the key is gone */
async function opened(call: LogisticsCall, view: CustomerView): Promise<CustomerPersonal> {
  const [personal] = await openCustomers(call.deps.vault, [view]);
  if (personal === null || personal === undefined) {
    const { id } = view;
    throw new Refused({
      code: 'customer-not-found',
      message: `no customer ${id}`,
      details: { customerId: id },
    });
  }
  return personal;
}

async function shown(call: LogisticsCall, view: CustomerView): Promise<CustomerResponse> {
  return { customer: customerMessage(view, await opened(call, view)) };
}

export const updateCustomer: LogisticsMethod<UpdateCustomerRequest, CustomerResponse> = {
  name: 'UpdateCustomer',
  request: UpdateCustomerRequest,
  response: CustomerResponse,
  async handle(request, call) {
    const { id, key, changes } = checked((check) => ({
      id: check.field('id', request.id, uuid),
      key: keyOf(check, request.idempotencyKey, call.metadataKey),
      changes: changesOf(check, request),
    }));
    for (let tries = 1; ; tries += 1) {
      try {
        return await shown(call, await change(call, id, key, changes));
      } catch (thrown) {
        if (tries === limits.updateTriesMax || !isOvertaken(thrown)) throw thrown;
      }
    }
  },
};

type Changes = Partial<CustomerPersonal>;

/** What is set, and nothing else. */
function changesOf(check: Check, request: UpdateCustomerRequest): Changes {
  const name = check.field('name', request.name, optional(nameRequired));
  const changedEmail = check.field('email', request.email, optional(email));
  const changedPhone = check.field('phone', request.phone, optional(phone));
  const address = addressOf(check, 'default_address', request.defaultAddress);
  return {
    ...(name === undefined ? {} : { name }),
    ...(changedEmail === undefined ? {} : { email: changedEmail }),
    ...(changedPhone === undefined ? {} : { phone: changedPhone }),
    ...(request.defaultAddress === undefined ? {} : { address }),
  };
}

/** The actor sees sealed text alone, so the whole is read, changed here, and put back if nobody came between. */
async function change(call: LogisticsCall, id: string, key: string, changes: Changes): Promise<CustomerView> {
  const view = await read(call, id);
  const personal = await opened(call, view);
  const { updatedAt } = view;
  const command: CustomerCommand = {
    type: 'update',
    ...(await sealed(call, id, { ...personal, ...changes })),
    updatedAt,
  };
  return call.write(customerRef(id), command, await receiptOf(call, id, key, changes), isCustomerView);
}

/** Its fingerprint is made under the customer's key: a plain digest of a name or an address could be guessed. */
async function receiptOf(call: LogisticsCall, id: string, key: string, changes: Changes) {
  if (key === '') return null;
  // A taken-away address is null, which has to count.
  const content = { ...changes, fields: Object.keys(changes) };
  return { key: `UpdateCustomer|${id}|${key}`, fingerprint: await call.deps.vault.fingerprint(id, content) };
}

function isOvertaken(thrown: unknown): boolean {
  return thrown instanceof Refused && failures[thrown.failure.code].grpc === 'ABORTED';
}

/** Answered when the key is destroyed. */
export const deleteCustomer: LogisticsMethod<DeleteCustomerRequest, DeleteCustomerResponse> = {
  name: 'DeleteCustomer',
  request: DeleteCustomerRequest,
  response: DeleteCustomerResponse,
  async handle(request, call) {
    const id = checked((check) => check.field('id', request.id, uuid));
    await call.write(customerRef(id), { type: 'erase' } satisfies CustomerCommand, null, isAnything);
    return { success: true };
  },
};
