// Who owns a database: one at a time, by the database's clock.
import postgres from 'postgres';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOwnership, type Ownership } from '../../src/persistence/ownership.ts';
import type { TestDatabase } from '../support/database.ts';
import { makeDatabase, silentLog } from './real.ts';

const leaseMs = 60_000;

describe('the ownership of a database', () => {
  let database: TestDatabase;
  let first: Ownership;
  let second: Ownership;
  let sql: postgres.Sql;

  beforeEach(async () => {
    database = await makeDatabase();
    first = createOwnership({ url: database.url, log: silentLog });
    second = createOwnership({ url: database.url, log: silentLog });
    sql = postgres(database.url, { max: 1 });
  });

  afterEach(async () => {
    await Promise.all([first.close(), second.close(), sql.end({ timeout: 1 })]);
    await database.drop();
  });

  const lapse = () =>
    sql`update owner set heartbeat = heartbeat - ${leaseMs + 1_000} * interval '1 millisecond'`;

  it('goes to one of two, even where both have the same name', async () => {
    const epochs = await Promise.all([first.acquire('host:1', leaseMs), second.acquire('host:1', leaseMs)]);
    expect(epochs.toSorted()).toEqual([1, null]);
  });

  it('says who has it, and until when at the latest', async () => {
    expect(await second.owner(leaseMs)).toBeNull();
    const epoch = await first.acquire('host:1', leaseMs);
    const [row] = await sql<{ heartbeat: Date }[]>`select heartbeat from owner`;
    const owner = await second.owner(leaseMs);
    expect(owner?.holder).toMatch(/^host:1 /);
    expect(Math.abs((owner?.leaseEndsAt ?? 0) - Number(row?.heartbeat) - leaseMs)).toBeLessThanOrEqual(1);
    await first.release(epoch ?? 0);
    expect(await second.owner(leaseMs)).toBeNull();
  });

  it('passes on where the heartbeat lapsed, and the one before finds out', async () => {
    const epoch = await first.acquire('a', leaseMs);
    expect(epoch).toBe(1);
    expect(await second.acquire('b', leaseMs)).toBeNull();
    await lapse();
    expect(await second.acquire('b', leaseMs)).toBe(2);
    expect(await first.heartbeat(1)).toBe(false);
    expect(await second.heartbeat(2)).toBe(true);
    expect(await first.acquire('a', leaseMs)).toBeNull();
  });

  it('stays with one whose heartbeat lapsed while nobody else asked', async () => {
    await first.acquire('a', leaseMs);
    await lapse();
    expect(await first.heartbeat(1)).toBe(true);
    expect(await second.acquire('b', leaseMs)).toBeNull();
  });

  it('can be taken again by the one who has it, whose answer was lost', async () => {
    await first.acquire('a', leaseMs);
    expect(await first.acquire('a', leaseMs)).toBe(2);
    expect(await first.heartbeat(1)).toBe(false);
  });

  it('is free at once after a release, and a release by one who was displaced does nothing', async () => {
    await first.acquire('a', leaseMs);
    await first.release(1);
    expect(await first.heartbeat(1)).toBe(false);
    expect(await second.acquire('b', leaseMs)).toBe(2);
    await first.release(1);
    expect(await second.heartbeat(2)).toBe(true);
  });
});
