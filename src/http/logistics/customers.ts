// The routes of customers.
import Type, { type Static } from 'typebox';
import { requestLimits } from '../../api/limits.ts';
import { listCustomers } from '../../api/logistics/customer-list.ts';
import {
  createCustomer,
  deleteCustomer,
  getCustomer,
  updateCustomer,
} from '../../api/logistics/customers.ts';
import type { LogisticsDeps } from '../../api/logistics/deps.ts';
import { logisticsLimits as limits } from '../../api/logistics/limits.ts';
import type { Customer as WireCustomer } from '../../generated/synkro/logistics/v1/logistics.ts';
import { answer } from '../answer.ts';
import {
  body,
  headers,
  idempotentHeaders,
  nextPageToken,
  pageOf,
  pageQuery,
  query,
  requiredText,
  text,
  time,
  uuid,
} from '../fields.ts';
import { given, isoTime } from '../given.ts';
import type { Rest, RouteGroup } from '../group.ts';
import {
  asOfHeader,
  json,
  locationHeader,
  noContent,
  problems,
  problemsWithBody,
} from '../openapi/answers.ts';
import { named } from '../openapi/named.ts';
import { Address, addressMessage, NewAddress } from './address.ts';
import { exampleIds } from './order-schemas.ts';

const moment = '2026-01-31T12:00:00.000Z';

const Customer = named(
  'Customer',
  Type.Object(
    {
      id: uuid('Of the customer.'),
      name: Type.String(),
      email: Type.String(),
      phone: Type.String(),
      defaultAddress: Type.Optional(Address),
      createdAt: time('When it was made.'),
      updatedAt: time('When it last changed.'),
    },
    {
      description:
        'Who orders. Everything but id and times is stored sealed under a key of the customer’s own.',
      examples: [
        {
          id: exampleIds.customer,
          name: 'Ada Lovelace',
          email: 'ada@example.org',
          phone: '',
          createdAt: moment,
          updatedAt: moment,
        },
      ],
    },
  ),
);

const name = requiredText(requestLimits.nameCharactersMax, 'What the customer is called.');
const contact = {
  email: Type.Optional(text(limits.emailCharactersMax, 'E-mail address.', { examples: ['ada@example.org'] })),
  phone: Type.Optional(text(limits.phoneCharactersMax, 'Telephone number.')),
};

const NewCustomer = named(
  'NewCustomer',
  body(
    {
      id: Type.Optional(uuid('The caller’s own; one is made where it is absent.')),
      name,
      ...contact,
      defaultAddress: Type.Optional(NewAddress),
    },
    { examples: [{ name: 'Ada Lovelace', email: 'ada@example.org' }] },
  ),
);

const CustomerChange = named(
  'CustomerChange',
  body(
    {
      name: Type.Optional(name),
      ...contact,
      defaultAddress: Type.Optional(NewAddress),
    },
    {
      description: 'What is absent stays. The address is replaced as a whole; `{}` takes it away.',
      examples: [{ email: 'ada.lovelace@example.org' }],
    },
  ),
);

const CustomerPath = Type.Object({ id: uuid('Id of the customer.') });

function customerJson(message: WireCustomer | undefined): Static<typeof Customer> {
  const { defaultAddress, createdAt, updatedAt, ...customer } = given(message);
  return {
    ...customer,
    ...(defaultAddress === undefined ? {} : { defaultAddress }),
    createdAt: isoTime(createdAt),
    updatedAt: isoTime(updatedAt),
  };
}

export function customerRoutes(deps: LogisticsDeps): RouteGroup {
  return {
    tag: { name: 'Customers', description: 'Who orders, and the right to be forgotten.' },
    routes(rest) {
      createRoute(rest, deps);
      readRoutes(rest, deps);
      changeRoutes(rest, deps);
    },
  };
}

function createRoute(rest: Rest, deps: LogisticsDeps): void {
  rest.post(
    '/v1/customers',
    {
      schema: {
        operationId: 'createCustomer',
        summary: 'Create a customer',
        description:
          'With a key its id follows from the key. With an `id` or a key it may simply be repeated.',
        headers: idempotentHeaders,
        body: NewCustomer,
        response: {
          201: json('The customer.', Customer, { headers: locationHeader }),
          ...problemsWithBody('customer-exists', 'idempotency-key-reused'),
        },
      },
    },
    async (request, reply) => {
      const { id = '', name: called, email = '', phone = '', defaultAddress } = request.body;
      const asked = {
        id,
        name: called,
        email,
        phone,
        defaultAddress: addressMessage(defaultAddress),
        idempotencyKey: '',
      };
      const { customer } = await answer(createCustomer, asked, { request, reply }, deps);
      const made = customerJson(customer);
      reply.code(201).header('location', `/v1/customers/${made.id}`);
      return made;
    },
  );
}

function readRoutes(rest: Rest, deps: LogisticsDeps): void {
  rest.get(
    '/v1/customers',
    {
      schema: {
        operationId: 'listCustomers',
        summary: 'List or search customers',
        description:
          'In order of their ids. A page may be short where customers have just been deleted. From the tables, which lag by a moment.',
        headers,
        querystring: query({
          query: Type.Optional(
            text(
              limits.customersQueryCharactersMax,
              'Only those that have all of these words, whole, in their name or e-mail address; case and accents do not count.',
            ),
          ),
          ...pageQuery,
        }),
        response: {
          200: json('A page of customers.', Type.Object({ customers: Type.Array(Customer), nextPageToken }), {
            headers: asOfHeader,
          }),
          ...problems(),
        },
      },
    },
    async (request, reply) => {
      const { query: words = '', ...page } = request.query;
      const asked = { ...pageOf(page), query: words };
      const listed = await answer(listCustomers, asked, { request, reply }, deps);
      return { customers: listed.customers.map(customerJson), nextPageToken: listed.nextPageToken };
    },
  );
  rest.get(
    '/v1/customers/:id',
    {
      schema: {
        operationId: 'getCustomer',
        summary: 'Read a customer',
        description: 'From the customer itself: never old.',
        headers,
        params: CustomerPath,
        response: { 200: json('The customer.', Customer), ...problems('customer-not-found') },
      },
    },
    async (request, reply) => {
      const { customer } = await answer(getCustomer, request.params, { request, reply }, deps);
      return customerJson(customer);
    },
  );
}

function changeRoutes(rest: Rest, deps: LogisticsDeps): void {
  rest.patch(
    '/v1/customers/:id',
    {
      schema: {
        operationId: 'updateCustomer',
        summary: 'Change a customer',
        description: 'What is absent stays.',
        headers: idempotentHeaders,
        params: CustomerPath,
        body: CustomerChange,
        response: {
          200: json('The customer as it is now.', Customer),
          ...problemsWithBody('customer-not-found', 'customer-changed', 'idempotency-key-reused'),
        },
      },
    },
    async (request, reply) => {
      const { defaultAddress, ...change } = request.body;
      const asked = {
        ...change,
        id: request.params.id,
        defaultAddress: addressMessage(defaultAddress),
        idempotencyKey: '',
      };
      const { customer } = await answer(updateCustomer, asked, { request, reply }, deps);
      return customerJson(customer);
    },
  );
  rest.delete(
    '/v1/customers/:id',
    {
      schema: {
        operationId: 'deleteCustomer',
        summary: 'Delete a customer',
        description:
          'Destroys the customer’s key: everything personal can no longer be read anywhere, also on their orders, which go on. What of the key the database’s files, log and backups still hold goes as those are cleaned. The id is never used again. May simply be repeated.',
        headers,
        params: CustomerPath,
        response: { 204: noContent('The key is destroyed.'), ...problems('customer-not-found') },
      },
    },
    async (request, reply) => {
      await answer(deleteCustomer, request.params, { request, reply }, deps);
      reply.code(204);
      return null;
    },
  );
}
