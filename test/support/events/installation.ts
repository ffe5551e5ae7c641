/**
 * The whole product as processes over one broker, or without one: role `all`, or each role on its own. Each keeps its
 * ports and its databases when it is killed and started again.
 */
import { expect } from 'vitest';
import { auditServices } from '../../../src/service/audit.ts';
import { Receiver, secrets } from '../../notifications/support/receiver.ts';
import { createEmptyDatabase, type TestDatabase } from '../database.ts';
import { Inventory } from '../inventory.ts';
import { freePort } from '../redis.ts';
import { TestService } from '../service.ts';

export const apart = ['inventory', 'logistics', 'notifications'] as const;
export type RunningRole = 'all' | (typeof apart)[number];

export interface InstallationOptions {
  readonly roles: readonly RunningRole[];
  /** Null: without a broker. */
  readonly amqpUrl: string | null;
  readonly env?: Readonly<Record<string, string>>;
}

interface Process {
  readonly service: TestService;
  readonly http: number;
}

export class Installation {
  readonly roles: readonly RunningRole[];
  readonly databases: Readonly<Record<(typeof apart)[number], TestDatabase>>;
  readonly receiver: Receiver;
  readonly inventory: Inventory;
  readonly logistics: Inventory;
  readonly #env: Readonly<Record<string, string>>;
  readonly #ports: ReadonlyMap<RunningRole, number>;
  readonly #processes = new Map<RunningRole, Process>();

  static async open(options: InstallationOptions): Promise<Installation> {
    const ports = new Map<RunningRole, number>();
    for (const role of options.roles) ports.set(role, await freePort());
    const [inventory, logistics, notifications] = await Promise.all([
      createEmptyDatabase(),
      createEmptyDatabase(),
      createEmptyDatabase(),
    ]);
    const databases = { inventory, logistics, notifications };
    const installation = new Installation(options, databases, ports, await Receiver.start());
    await Promise.all(options.roles.map((role) => installation.start(role)));
    return installation;
  }

  private constructor(
    { roles, amqpUrl, env = {} }: InstallationOptions,
    databases: Installation['databases'],
    ports: ReadonlyMap<RunningRole, number>,
    receiver: Receiver,
  ) {
    this.roles = roles;
    this.databases = databases;
    this.receiver = receiver;
    this.#ports = ports;
    this.inventory = new Inventory(this.grpcPort('inventory'));
    this.logistics = new Inventory(this.grpcPort('logistics'));
    this.#env = {
      INVENTORY_DATABASE_URL: databases.inventory.url,
      LOGISTICS_DATABASE_URL: databases.logistics.url,
      NOTIFICATIONS_DATABASE_URL: databases.notifications.url,
      NOTIFICATION_WEBHOOK_URLS: receiver.url,
      NOTIFICATION_WEBHOOK_SECRETS: secrets.join(','),
      OWNER_LEASE_MS: '500',
      SHARD_THREADS: '1',
      SHARDS: '4',
      ...(amqpUrl === null ? {} : { AMQP_URL: amqpUrl }),
      ...(roles.includes('all')
        ? {}
        : {
            INVENTORY_GRPC_URL: `127.0.0.1:${this.grpcPort('inventory')}`,
            LOGISTICS_GRPC_URL: `127.0.0.1:${this.grpcPort('logistics')}`,
          }),
      ...env,
    };
  }

  grpcPort(role: RunningRole): number {
    return this.#ports.get('all') ?? this.#ports.get(role) ?? 0;
  }

  service(role: RunningRole): TestService {
    const found = this.#processes.get(role);
    if (found === undefined) throw new Error(`role ${role} was not started`);
    return found.service;
  }

  /** Resolves when it serves. */
  async start(role: RunningRole): Promise<void> {
    const service = TestService.spawn({
      data: { url: this.databases.inventory.url },
      env: { ...this.#env, ROLE: role, GRPC_PORT: String(this.#ports.get(role) ?? 0) },
    });
    const { http } = await service.ready();
    this.#processes.set(role, { service, http });
  }

  /** kill -9, and a start. */
  async crash(role: RunningRole): Promise<void> {
    await this.service(role).kill();
    await this.start(role);
  }

  /** What a process measures: the values of a metric by their labels, as the exposition has them. */
  async metric(role: RunningRole, name: string): Promise<ReadonlyMap<string, number>> {
    const text = await (await this.fetch(role, '/metrics')).text();
    const found = text.matchAll(new RegExp(`^${name}(?:\\{(.*)\\})? (.+)$`, 'gm'));
    return new Map(Array.from(found, ([, labels = '', value]) => [labels, Number(value)]));
  }

  fetch(role: RunningRole, path: string): Promise<Response> {
    const found = this.#processes.get(role);
    return fetch(`http://127.0.0.1:${found?.http ?? 0}${path}`);
  }

  /** Stops what still runs, cleanly. */
  async stop(): Promise<void> {
    for (const role of this.roles.toReversed()) {
      const running = this.#processes.get(role)?.service;
      if (running !== undefined && !running.hasEnded) await running.stop();
    }
  }

  /** I1, I2 and what the books of both services say of each other; once everything has stopped. */
  async expectCleanBooks(): Promise<void> {
    const { inventory, logistics } = this.databases;
    const urls = { inventory: inventory.url, logistics: logistics.url };
    const { differences } = await auditServices(urls, { warn: () => undefined });
    expect(differences).toEqual([]);
  }

  /** Whatever became of the test. */
  async close(): Promise<void> {
    this.inventory.close();
    this.logistics.close();
    await Promise.all([...this.#processes.values()].map(({ service }) => service.kill()));
    await this.receiver.close();
    await Promise.all(Object.values(this.databases).map((database) => database.drop()));
  }
}
