// A run of the product as a whole, with a broker or without: its process with a fresh database, a consumer of ours beside it,
// and the books of both at its end.
import postgres from 'postgres';
import { formatSource } from '../../src/events/mapping/envelopes.ts';
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
import { type Heard, Listener } from './listener.ts';
import type { Context } from './scenario.ts';

/** The product knows no prefix: its names are those that everybody's are. */
export const productPrefix = '';

export class ServiceRun {
  readonly host: Host;
  readonly database: RunDatabases;
  readonly #listener: Listener | null;
  #isStopped = false;

  private constructor(host: Host, database: RunDatabases, listener: Listener | null) {
    this.host = host;
    this.database = database;
    this.#listener = listener;
  }

  /**
   * @param amqpUrl where the service finds the broker; '' for none
   * @param heard is told of each event of this run, as it is consumed
   */
  static async start(
    { broker, databases }: Context,
    installation: Installation,
    amqpUrl: string,
    heard?: Heard,
  ): Promise<ServiceRun> {
    const database = await databases.copy('synkro', 'reserve');
    try {
      const source = formatSource('inventory', await identityOf(database.url));
      const listener = amqpUrl === '' ? null : await Listener.open(broker, installation, source, heard);
      try {
        const host = await Host.start({ ...product, databaseUrl: database.url }, amqpUrl);
        return new ServiceRun(host, database, listener);
      } catch (error) {
        await listener?.close();
        throw error;
      }
    } catch (error) {
      await database.drop();
      throw error;
    }
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
    await this.stop();
    return [...unexpected(results), ...events, ...(await checkSynkro(this.database.url, told))];
  }

  /** Orders that the consumer was told of more than once. */
  get repeats(): number {
    return this.#listener?.repeats ?? 0;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.host.child.stop();
  }

  /** Whatever has become of it. */
  async close(): Promise<void> {
    if (!this.#isStopped) this.host.child.kill();
    await this.#listener?.close();
    await this.database.drop();
  }
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
