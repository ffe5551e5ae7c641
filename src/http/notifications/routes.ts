// All routes of notifications.

import type { NotificationDeps } from '../../api/notifications/deps.ts';
import type { RouteGroup } from '../group.ts';
import { preferenceRoutes } from './preferences.ts';
import { recordRoutes } from './record.ts';

export function notificationRoutes(deps: NotificationDeps): RouteGroup {
  return {
    tag: { name: 'Notifications', description: 'What was sent to whom about what, and what customers want.' },
    routes(rest) {
      recordRoutes(rest, deps);
      preferenceRoutes(rest, deps);
    },
  };
}
