// A REST server over fakes on a real socket, and what is asked of it: every answer is checked against the document.
import { Follower } from '../../../src/api/feed/follower.ts';
import { createAvailabilityCache } from '../../../src/api/inventory/availability.ts';
import { streamInventoryUpdates } from '../../../src/api/inventory/updates.ts';
import { feedLimits } from '../../../src/api/limits.ts';
import { type AdminDeps, type AdminLogLevel, adminRoutes } from '../../../src/http/admin.ts';
import type { ClientLimiter } from '../../../src/http/clients/limiter.ts';
import type { RouteGroup } from '../../../src/http/group.ts';
import { inventoryRoutes } from '../../../src/http/inventory/routes.ts';
import type { HttpLimits } from '../../../src/http/limits.ts';
import { createHttpServer, type HttpServer } from '../../../src/http/server.ts';
import { type Fakes, fakes, level, usualAnswer } from '../../grpc/support/fakes.ts';
import { type CallOptions, type Checked, checkedFetch } from './checked.ts';

export interface Harness {
  readonly fakes: Fakes;
  readonly server: HttpServer;
  readonly base: string;
  readonly ops: { why: string | null; metrics: () => Promise<{ contentType: string; text: string }> };
  readonly admin: { level: AdminLogLevel };
  readonly call: Checked;
  stop(): Promise<void>;
}

export interface ServeOptions {
  /** Groups besides those of Inventory. */
  readonly groups?: readonly RouteGroup[];
  readonly subscribersMax?: number;
  readonly limits?: Partial<HttpLimits>;
  readonly limiter?: ClientLimiter;
}

export type Made = Omit<Harness, 'base' | 'call' | 'stop'>;

/** A server that does not listen yet. */
export function make({ groups = [], subscribersMax = 64, limits = {}, limiter }: ServeOptions = {}): Made {
  const given = fakes();
  const ops: Harness['ops'] = {
    why: null,
    metrics: async () => ({
      contentType: 'text/plain; version=0.0.4; charset=utf-8',
      text: 'synkro_ready 1\n',
    }),
  };
  const admin: Harness['admin'] = { level: 'info' };
  const updates = new Follower(
    { ...given, project: streamInventoryUpdates.project },
    { ...feedLimits, subscribersMax },
  );
  const server = createHttpServer({
    ops: { notReady: () => ops.why, metrics: () => ops.metrics() },
    groups: [
      ...inventoryRoutes({ deps: given, updates, availability: createAvailabilityCache(given) }),
      adminRoutes(adminOf(admin)),
      ...groups,
    ],
    log: given.log,
    newId: given.newId,
    observe: given.observe,
    limits,
    ...(limiter === undefined ? {} : { limiter }),
  });
  return { fakes: given, ops, admin, server };
}

export async function serve(options: ServeOptions = {}): Promise<Harness> {
  const made = make(options);
  const base = `http://127.0.0.1:${await made.server.listen('127.0.0.1', 0)}`;
  return { ...made, base, call: await checkedFetch(base), stop: () => made.server.drain(100) };
}

function adminOf(admin: Harness['admin']): AdminDeps {
  const { itemId } = level;
  return {
    owners: async () => [
      { service: 'inventory', isOwner: true, epoch: 3, holder: 'a process', leaseEndsAt: 1_700_000_000_000 },
      { service: 'logistics', isOwner: false, epoch: 0, holder: null, leaseEndsAt: null },
    ],
    lag: async () => [
      { service: 'inventory', thread: 0, snapshotLagEvents: 12, dueLagMs: 0.5, mailboxDepth: 0 },
    ],
    hotSkus: async (limit) =>
      [
        { itemId, sku: '85123A', changesLastMinute: 500 },
        { itemId, sku: '71053', changesLastMinute: 2 },
      ].slice(0, limit),
    logLevel: async () => admin.level,
    async setLogLevel(level) {
      admin.level = level;
    },
  };
}

/** Actors answer as usual, and nothing has been asked. */
export function reset({ fakes: { asker, queries } }: Harness): void {
  asker.asked.length = 0;
  asker.answer = (asked) => ({ ok: usualAnswer(asked) });
  queries.asked.length = 0;
}

/** Calls, and says what actors have been asked. */
export async function callAsking(harness: Harness, method: string, path: string, options: CallOptions = {}) {
  const answered = await harness.call(method, path, options);
  return { ...answered, asked: harness.fakes.asker.asked.map(({ ref, command }) => ({ ref, command })) };
}
