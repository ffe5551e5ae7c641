// What the edge of an ingress thread has of the notification service: its record. Sending is the thread of events' matter.

import type { RouteGroup } from '../http/group.ts';
import { notificationRoutes } from '../http/notifications/routes.ts';
import type { Contacts } from '../notifications/contacts.ts';
import { contactsOverGrpc } from '../notifications/contacts-over-grpc.ts';
import { notificationLimits } from '../notifications/limits.ts';
import { openNotifications } from '../notifications/notifications.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Closing } from './edge.ts';
import type { NotificationParts } from './events/parts.ts';

/** @param ownGrpcUrl of this process, which is known when it listens */
export function notificationsEdge(
  { logisticsGrpcUrl, ...parts }: NotificationParts,
  ownGrpcUrl: () => string,
  log: Logger,
  closing: Closing,
): RouteGroup {
  const contacts = contactsWhenAsked(() => logisticsGrpcUrl ?? ownGrpcUrl());
  const service = openNotifications({ ...parts, log, logisticsGrpcUrl: null, contacts });
  closing.push(() => service.close());
  return notificationRoutes(service.record);
}

function contactsWhenAsked(url: () => string): Contacts {
  let opened: Contacts | undefined;
  const contacts = (): Contacts => {
    opened ??= contactsOverGrpc({ url: url(), callMsMax: notificationLimits.contactMsMax });
    return opened;
  };
  return {
    ofOrder: (orderId) => contacts().ofOrder(orderId),
    ofCustomer: (customerId) => contacts().ofCustomer(customerId),
    close: async () => opened?.close(),
  };
}
