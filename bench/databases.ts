// One embedded PostgreSQL with fsync on for everybody, and for each run a fresh database: a copy of a template that has
// the stock. Whatever an earlier run left behind is gone, and written back, before the next one begins.
import { rmSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import type { EmbeddedServer } from '../src/persistence/embedded/server.ts';
import { startEmbedded } from '../src/persistence/embedded/server.ts';
import type { Engine } from './scenarios/scenarios.ts';
import { fillForUpdate, fillSynkro, fullStock } from './stock.ts';

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

  static async open(): Promise<Databases> {
    const folder = await mkdtemp(join(tmpdir(), 'synkro-bench-'));
    // Started as root, PostgreSQL runs as another user, who has to pass through to its own, closed folder.
    await chmod(folder, 0o711);
    const log: string[] = [];
    try {
      const server = await startEmbedded({
        dataDir: folder,
        log: (line) => log.push(line),
        stopOnExit: true,
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

  async fillTemplates(): Promise<void> {
    const stock = await fullStock();
    await this.#server.ensureDatabase(templateOf('synkro'));
    await fillSynkro(this.#server.url(templateOf('synkro')), stock);
    await this.#server.ensureDatabase(templateOf('for-update'));
    const sql = await readFile(new URL('rivals/for-update.sql', import.meta.url), 'utf8');
    await fillForUpdate(this.#server.url(templateOf('for-update')), sql, stock);
  }

  /** A fresh copy, on a server that has written everything back. */
  async copy(engine: Engine): Promise<{ readonly url: string; drop(): Promise<void> }> {
    this.#copies += 1;
    const name = `bench_run_${this.#copies}`;
    const admin = this.#admin;
    await admin`create database ${admin(name)} template ${admin(templateOf(engine))}`;
    await admin`checkpoint`;
    return {
      url: this.#server.url(name),
      drop: async () => {
        await admin`drop database if exists ${admin(name)} with (force)`;
      },
    };
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
