/** Databases for tests: each a fresh copy of a service's migrated template, on the real server of global-setup.ts. */
import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { inject } from 'vitest';

export const INVENTORY_TEMPLATE = 'synkro_template_inventory';
export const LOGISTICS_TEMPLATE = 'synkro_template_logistics';
export const NOTIFICATIONS_TEMPLATE = 'synkro_template_notifications';

export interface TestDatabase {
  readonly name: string;
  readonly url: string;
  /** Closes whatever is still connected to it. */
  drop(): Promise<void>;
}

/** A database with the schema of Inventory and nothing in it. */
export function createDatabase(): Promise<TestDatabase> {
  return copyOf(INVENTORY_TEMPLATE, inject('inventoryTemplateProblem'));
}

/** A database with the schema of Logistics and nothing in it. */
export function createLogisticsDatabase(): Promise<TestDatabase> {
  return copyOf(LOGISTICS_TEMPLATE, inject('logisticsTemplateProblem'));
}

/** A database with the schema of the notification service and nothing in it. */
export function createNotificationsDatabase(): Promise<TestDatabase> {
  return copyOf(NOTIFICATIONS_TEMPLATE, inject('notificationsTemplateProblem'));
}

/** A database without anything, for tests of the migrations themselves. */
export function createEmptyDatabase(): Promise<TestDatabase> {
  return createFrom('template1');
}

async function copyOf(template: string, problem: string): Promise<TestDatabase> {
  if (problem !== '') throw new Error(`the template database could not be made: ${problem}`);
  return await createFrom(template);
}

async function createFrom(template: string): Promise<TestDatabase> {
  const adminUrl = inject('postgresAdminUrl');
  const name = `test_${randomBytes(8).toString('hex')}`;
  await asAdmin(adminUrl, (sql) => sql`create database ${sql(name)} template ${sql(template)}`);
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return {
    name,
    url: url.href,
    drop: () => asAdmin(adminUrl, (sql) => sql`drop database if exists ${sql(name)} with (force)`),
  };
}

async function asAdmin(url: string, work: (sql: postgres.Sql) => PromiseLike<unknown>): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}
