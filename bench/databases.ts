// One embedded PostgreSQL with fsync on for everybody, and for each run a fresh database: a copy of a template that has
// the stock. Whatever an earlier run left behind is gone, and written back, before the next one begins.
import { rmSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import type { EmbeddedServer } from '../src/persistence/embedded/server.ts';
import { startEmbedded } from '../src/persistence/embedded/server.ts';
import type { Engine, Job } from './scenarios/scenarios.ts';
import { fillForUpdate, fillOrderRowLock, fillSynkro, fullStock, type Stocked } from './stock.ts';

export interface RunDatabases {
  readonly url: string;
  /** Of Logistics, for orders; '' for reservations. */
  readonly logisticsUrl: string;
  readonly notificationsUrl: string;
  drop(): Promise<void>;
}

/** The rival's orders and stock. */
const orderTemplate = 'bench_template_order_row_lock';
/** The product makes its tables itself. */
const emptyTemplate = 'bench_template_empty';

export class Databases {
  readonly version: string;
  readonly #server: EmbeddedServer;
  readonly #folder: string;
  readonly #admin: postgres.Sql;
  #copies = 0;

  private constructor(server: EmbeddedServer, folder: string, admin: postgres.Sql, version: string) {
    this.#server = server;
    this.#folder = folder;
    this.#admin = admin;
    this.version = version;
  }

  /** @param flushMs by so much each flush of the log takes longer; whoever commits meanwhile shares it, as ever */
  static async open(flushMs = 0): Promise<Databases> {
    const folder = await mkdtemp(join(tmpdir(), 'synkro-bench-'));
    // Started as root, PostgreSQL runs as another user, who has to pass through to its own, closed folder.
    await chmod(folder, 0o711);
    const log: string[] = [];
    try {
      const server = await startEmbedded({
        dataDir: folder,
        log: (line) => log.push(line),
        stopOnExit: true,
        // PostgreSQL's own way to wait before a flush, here even where nobody else is committing.
        settings: { commit_delay: String(flushMs * 1_000), commit_siblings: '0' },
      });
      const admin = postgres(server.url('postgres'), { max: 1, onnotice: () => {} });
      const [fsync] = await admin<{ fsync: string }[]>`show fsync`;
      if (fsync?.fsync !== 'on') throw new Error('fsync is off: nothing would be durable');
      const [version] = await admin<{ server_version: string }[]>`show server_version`;
      return new Databases(server, folder, admin, version?.server_version ?? 'unknown');
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Of the postmaster. */
  get pid(): number {
    return this.#server.pid;
  }

  async fillTemplates(wanted?: readonly Stocked[]): Promise<void> {
    const stock = wanted ?? (await fullStock());
    await this.fillProduct(stock);
    await this.#server.ensureDatabase(templateOf('for-update'));
    const sql = await readFile(new URL('rivals/for-update.sql', import.meta.url), 'utf8');
    await fillForUpdate(this.#server.url(templateOf('for-update')), sql, stock);
    await this.#server.ensureDatabase(orderTemplate);
    await fillOrderRowLock(this.#server.url(orderTemplate), stock);
    await this.#server.ensureDatabase(emptyTemplate);
  }

  /** Of the product's reservations alone. */
  async fillProduct(stock: readonly Stocked[]): Promise<void> {
    await this.#server.ensureDatabase(templateOf('synkro'));
    await fillSynkro(this.#server.url(templateOf('synkro')), stock);
  }

  /** A fresh copy of what a run needs, on a server that has written everything back. */
  async copy(engine: Engine, job: Job): Promise<RunDatabases> {
    this.#copies += 1;
    const name = `bench_run_${this.#copies}`;
    const made = [await this.#make(name, job === 'order' ? templateOf('synkro') : templateOf(engine))];
    if (job === 'order')
      made.push(
        await this.#make(`${name}_orders`, engine === 'for-update' ? orderTemplate : emptyTemplate),
        await this.#make(`${name}_notifications`, emptyTemplate),
      );
    const admin = this.#admin;
    await admin`checkpoint`;
    return {
      url: this.#server.url(name),
      logisticsUrl: job === 'order' ? this.#server.url(`${name}_orders`) : '',
      notificationsUrl: job === 'order' ? this.#server.url(`${name}_notifications`) : '',
      drop: async () => {
        for (const each of made) await admin`drop database if exists ${admin(each)} with (force)`;
      },
    };
  }

  async #make(name: string, template: string): Promise<string> {
    const admin = this.#admin;
    await admin`create database ${admin(name)} template ${admin(template)}`;
    return name;
  }

  async close(): Promise<void> {
    await this.#admin.end({ timeout: 5 });
    await this.#server.stop('immediate');
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

/** The empty engine asks no database; it gets a copy all the same, so that every run is prepared alike. */
function templateOf(engine: Engine): string {
  return engine === 'for-update' ? 'bench_template_for_update' : 'bench_template_synkro';
}
