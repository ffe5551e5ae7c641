// The routes of the record: what was sent, and to try again what failed.
import Type, { type Static } from 'typebox';
import { Refused } from '../../api/errors.ts';
import {
  type NotificationDeps,
  type NotificationView,
  notificationChannels,
  notificationStatuses,
} from '../../api/notifications/deps.ts';
import { checked } from '../../api/validate/check.ts';
import { cut, type Page, pageOf as readPage } from '../../api/validate/pages.ts';
import { count, headers, nextPageToken, pageOf, pageQuery, query, time, uuid } from '../fields.ts';
import type { Rest } from '../group.ts';
import { inRestWords } from '../names.ts';
import { json, problems } from '../openapi/answers.ts';
import { named } from '../openapi/named.ts';

const Channel = Type.Enum([...notificationChannels], { description: 'How it is sent.' });
const Status = Type.Enum([...notificationStatuses], {
  description:
    'waiting: not sent yet, or to be tried again. sent: the target has taken it. failed: it was refused, or there was no getting through for too long. skipped: it is not to be sent.',
});

const moment = '2026-01-31T12:00:00.000Z';

const Notification = named(
  'Notification',
  Type.Object(
    {
      id: Type.String({ description: 'Greater than those of all that came before.' }),
      eventId: Type.String({ description: 'What it is about; also its `webhook-id`.' }),
      channel: Channel,
      target: Type.String({
        description:
          'The URL of a webhook, without what is behind its `?`, which may be a secret; of mail `customer` or `shop`, never an address.',
      }),
      template: Type.String({ description: 'Which message it is.' }),
      subject: Type.String({
        description: 'What the event happened to; empty where it was that of a customer who was erased.',
      }),
      orderId: Type.String({
        description: 'UUID of the order that it is about; empty where it is about none.',
      }),
      customerId: Type.String({
        description: 'UUID of the customer, where the event names one; else empty.',
      }),
      status: Status,
      attempts: count('That were made.'),
      createdAt: time('When the event was taken in.'),
      nextAttemptAt: Type.Optional(time('Where it waits: not tried before.')),
      sentAt: Type.Optional(time('When the target had taken it.')),
      reason: Type.String({ description: 'Why it was not sent, or not yet.' }),
    },
    {
      description: 'A message to one target about one event. What was in it is not kept.',
      examples: [
        {
          id: '17',
          eventId: 'logistics-3f9c0a7be1d2.3.42.1',
          channel: 'mail',
          target: 'customer',
          template: 'order_confirmed',
          subject: 'orders/33333333-3333-4333-8333-333333333333',
          orderId: '33333333-3333-4333-8333-333333333333',
          customerId: '',
          status: 'sent',
          attempts: 1,
          createdAt: moment,
          sentAt: moment,
          reason: '',
        },
      ],
    },
  ),
);

/** A bigint that JavaScript has exactly. */
const idPattern = '^[1-9][0-9]{0,14}$';

const NotificationPath = Type.Object({
  id: Type.String({ pattern: idPattern, description: 'Id of the notification.', examples: ['17'] }),
});

export function recordRoutes(rest: Rest, deps: NotificationDeps): void {
  listRoute(rest, deps);
  retryRoute(rest, deps);
}

function listRoute(rest: Rest, deps: NotificationDeps): void {
  rest.get(
    '/v1/notifications',
    {
      schema: {
        operationId: 'listNotifications',
        summary: 'List what was sent',
        description: 'Newest first. What is over is kept for 30 days.',
        headers,
        querystring: query({
          status: Type.Optional(Status),
          channel: Type.Optional(Channel),
          orderId: Type.Optional(uuid('Only those about this order.')),
          ...pageQuery,
        }),
        response: {
          200: json(
            'A page of notifications.',
            Type.Object({ notifications: Type.Array(Notification), nextPageToken }),
          ),
          ...problems(),
        },
      },
    },
    async (request) => {
      const { status = null, channel = null, orderId = null, ...given } = request.query;
      const page = pageIn(given, ['listNotifications', status ?? '', channel ?? '', orderId ?? '']);
      const beforeId = page.after === null ? null : Number(page.after);
      const rows = await deps.list({ status, channel, orderId, beforeId, limit: page.size + 1 });
      const shown = cut(page, rows, ({ id }) => String(id));
      return { notifications: shown.rows.map(notificationJson), nextPageToken: shown.nextPageToken };
    },
  );
}

function retryRoute(rest: Rest, deps: NotificationDeps): void {
  rest.post(
    '/v1/notifications/:id/retry',
    {
      schema: {
        operationId: 'retryNotification',
        summary: 'Try again what failed',
        description:
          'It waits again, before everything of its target that came later, and has as long as a new one. What was sent is never sent again.',
        headers,
        params: NotificationPath,
        response: {
          200: json('The notification, which waits.', Notification),
          ...problems('notification-not-found', 'notification-state'),
        },
      },
    },
    async (request) => {
      const { id } = request.params;
      const outcome = await deps.retry(Number(id));
      if (outcome === null) {
        throw new Refused({ code: 'notification-not-found', message: `there is no notification ${id}` });
      }
      if (outcome.isRetried) return notificationJson(outcome.row);
      const { status } = outcome.row;
      const message =
        status === 'failed' ? 'nothing is sent to its target any more' : `the notification is ${status}`;
      throw new Refused({ code: 'notification-state', message, details: { state: status } });
    },
  );
}

/** @throws Refused, in the words of REST */
function pageIn(given: Parameters<typeof pageOf>[0], question: readonly string[]): Page {
  try {
    const isKey = (key: string) => new RegExp(idPattern).test(key);
    return checked((check) => readPage(check, pageOf(given), question, isKey));
  } catch (thrown) {
    if (!(thrown instanceof Refused)) throw thrown;
    throw new Refused(inRestWords(thrown.failure, {}));
  }
}

function notificationJson(view: NotificationView): Static<typeof Notification> {
  const { id, target, orderId, customerId, createdAt, nextAt, sentAt, ...told } = view;
  return {
    ...told,
    id: String(id),
    target: target.replace(/\?.*$/s, '?…'),
    orderId: orderId ?? '',
    customerId: customerId ?? '',
    createdAt: new Date(createdAt).toISOString(),
    ...(view.status === 'waiting' ? { nextAttemptAt: new Date(nextAt).toISOString() } : {}),
    ...(sentAt === null ? {} : { sentAt: new Date(sentAt).toISOString() }),
  };
}
