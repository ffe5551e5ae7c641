// A run of the product as a whole, with a broker or without: its process with a fresh database, a consumer of ours beside it,
// and the books of both at its end.
import { setTimeout as pause } from 'node:timers/promises';
import postgres from 'postgres';
import { formatSource } from '../../src/events/mapping/envelopes.ts';
import { openClient } from '../../src/persistence/connect.ts';
import { type OutboxState, readOutbox } from '../../src/persistence/outbox.ts';
import { checkSynkro } from '../check/synkro.ts';
import { toldBy, unexpected } from '../check/told.ts';
import type { RunDatabases } from '../databases.ts';
import type { LoadResult } from '../load/plan.ts';
import { readTreeCpuUs } from '../measure/cpu.ts';
import { readCpuTimes } from '../measure/steal.ts';
import { Host } from '../processes.ts';
import type { Moment } from '../run.ts';
import { workloads } from '../scenarios/scenarios.ts';
import { product } from '../stock.ts';
import type { Installation } from './broker.ts';
import { eventLimits as limits } from './limits.ts';
import { type Heard, Listener } from './listener.ts';
import type { Context } from './scenario.ts';

/** The product knows no prefix: its names are those that everybody's are. */
export const productPrefix = '';

export class ServiceRun {
  readonly host: Host;
  readonly database: RunDatabases;
  readonly #listener: Listener | null;
  readonly #made: AsyncDisposableStack;

  private constructor(
    host: Host,
    database: RunDatabases,
    listener: Listener | null,
    made: AsyncDisposableStack,
  ) {
    this.host = host;
    this.database = database;
    this.#listener = listener;
    this.#made = made;
  }

  /**
   * @param amqpUrl where the service finds the broker; '' for none
   * @param heard is told of each reservation of this run, as its event is consumed
   */
  static async start(
    { broker, databases }: Context,
    installation: Installation,
    amqpUrl: string,
    heard?: Heard,
  ): Promise<ServiceRun> {
    await using made = new AsyncDisposableStack();
    const database = made.adopt(await databases.copy('synkro', 'reserve'), (each) => each.drop());
    const hear = async () =>
      Listener.open(broker, installation, formatSource('inventory', await identityOf(database.url)), heard);
    const listener = amqpUrl === '' ? null : made.adopt(await hear(), (each) => each.close());
    const started = Host.start({ ...product, databaseUrl: database.url }, amqpUrl);
    const host = made.adopt(await started, ({ child }) => child.kill());
    if (amqpUrl !== '') await untilTold(database.url);
    return new ServiceRun(host, database, listener, made.move());
  }

  async moment(postgresPid: number): Promise<Moment> {
    const machine = readCpuTimes();
    const cpuUs = readTreeCpuUs(postgresPid);
    const postgresSample = cpuUs === null ? null : { atMs: performance.now(), cpuUs };
    return { host: await this.host.cpu(), postgres: postgresSample, machine };
  }

  /**
   * Once there is no load any more: every reservation was told of, and Inventory's books are right.
   * @returns what is wrong, if anything
   */
  async check(results: readonly LoadResult[]): Promise<string[]> {
    const told = toldBy(results, await workloads.hot.load(1));
    const events = (await this.#listener?.check(told.granted, told.unknown)) ?? [];
    await this.host.child.stop();
    return [...unexpected(results), ...events, ...(await checkSynkro(this.database.url, told))];
  }

  /** Orders that the consumer was told of more than once. */
  get repeats(): number {
    return this.#listener?.repeats ?? 0;
  }

  /** Whatever has become of it. */
  async close(): Promise<void> {
    await this.#made.disposeAsync();
  }
}

/** What its database was filled with is told first, and is not to be measured. */
async function untilTold(url: string): Promise<void> {
  const client = openClient('work', { url, log: { warn: () => {} } });
  const deadline = performance.now() + limits.arriveMsMax;
  try {
    while (!isTold(await readOutbox(client))) {
      if (performance.now() > deadline) throw new Error('the service does not tell its events');
      await pause(limits.lookMs);
    }
  } finally {
    await client.close();
  }
}

function isTold({ readers }: OutboxState): boolean {
  return readers.length > 0 && readers.every(({ rows }) => rows === 0);
}

async function identityOf(url: string): Promise<string> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    const [row] = await sql<{ id: string }[]>`select id::text as id from identity`;
    return row?.id ?? '';
  } finally {
    await sql.end({ timeout: 5 });
  }
}
