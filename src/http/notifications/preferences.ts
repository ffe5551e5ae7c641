// The routes of what a customer wants to be told.
import Type, { type Static } from 'typebox';
import { Refused } from '../../api/errors.ts';
import {
  type NotificationDeps,
  type PreferencesView,
  preferredChannels,
  preferredKinds,
} from '../../api/notifications/deps.ts';
import { body, headers, uuid } from '../fields.ts';
import type { Rest } from '../group.ts';
import { json, problems, problemsWithBody } from '../openapi/answers.ts';
import { named } from '../openapi/named.ts';

const Preferences = named(
  'NotificationPreferences',
  body(
    {
      channels: Type.Array(Type.Enum([...preferredChannels]), {
        uniqueItems: true,
        maxItems: preferredChannels.length,
        description: 'By which channels; none: nothing is sent.',
        examples: [['mail']],
      }),
      kinds: Type.Array(Type.Enum([...preferredKinds]), {
        uniqueItems: true,
        maxItems: preferredKinds.length,
        description:
          'orders: confirmed, back-ordered, cancelled. shipments: shipped, delivered. payments: failed.',
        examples: [['orders', 'payments']],
      }),
    },
    {
      description: 'What a customer is told. Who has chosen nothing is told everything.',
    },
  ),
);

const CustomerPath = Type.Object({ id: uuid('Id of the customer.') });

export function preferenceRoutes(rest: Rest, deps: NotificationDeps): void {
  rest.get(
    '/v1/customers/:id/notification-preferences',
    {
      schema: {
        operationId: 'getNotificationPreferences',
        summary: 'Read what a customer is told',
        description: 'Everything, where nothing was chosen.',
        headers,
        params: CustomerPath,
        response: { 200: json('The preferences.', Preferences), ...problems('customer-not-found') },
      },
    },
    async (request) => preferencesJson(await deps.preferences(request.params.id)),
  );
  rest.put(
    '/v1/customers/:id/notification-preferences',
    {
      schema: {
        operationId: 'setNotificationPreferences',
        summary: 'Choose what a customer is told',
        description: 'As a whole. Holds for everything that has not been sent yet. May simply be repeated.',
        headers,
        params: CustomerPath,
        body: Preferences,
        response: {
          200: json('The preferences as they are now.', Preferences),
          ...problemsWithBody('customer-not-found'),
        },
      },
    },
    async (request) => preferencesJson(await deps.setPreferences(request.params.id, request.body)),
  );
}

/** @throws Refused */
function preferencesJson(told: PreferencesView | 'no-customer' | 'unavailable'): Static<typeof Preferences> {
  if (told === 'no-customer') {
    throw new Refused({ code: 'customer-not-found', message: 'there is no such customer' });
  }
  if (told === 'unavailable') {
    throw new Refused({
      code: 'unavailable',
      message: 'Logistics, which knows the customer, does not answer',
    });
  }
  return { channels: [...told.channels], kinds: [...told.kinds] };
}
