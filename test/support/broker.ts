/** A RabbitMQ of a test's own, to be restarted and killed: a node with its own name, ports and folder. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connect } from 'amqplib';
import { describe } from 'vitest';
import { freePort } from './redis.ts';
import { until } from './until.ts';

/** Where its scripts are: those on the PATH of a package may insist on a user of their own. */
const folder = [process.env['RABBITMQ_BIN'] ?? '', '/usr/lib/rabbitmq/bin'].find((each) =>
  existsSync(join(each, 'rabbitmq-server')),
);
if (folder === undefined)
  process.stderr.write('SKIPPED: tests that restart RabbitMQ, since there is no rabbitmq-server here.\n');

/** Skipped where there is no RabbitMQ to start; where all tests are to run (CI=true) that is a failure. */
export const describeWithBroker =
  folder !== undefined || process.env['CI'] === 'true' ? describe : describe.skip;

/** Nothing that was started here outlives the tests. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

const startMsMax = 90_000;
const exec = promisify(execFile);

export class TestBroker {
  readonly port: number;
  readonly #folder = mkdtempSync(join(tmpdir(), 'synkro-broker-'));
  readonly #env: Readonly<Record<string, string | undefined>>;
  #server: ChildProcess | null = null;

  static async start(): Promise<TestBroker> {
    const broker = new TestBroker(await freePort(), await freePort());
    await broker.start();
    return broker;
  }

  private constructor(port: number, distributionPort: number) {
    this.port = port;
    const at = (name: string) => join(this.#folder, name);
    this.#env = {
      PATH: process.env['PATH'],
      // The cookie is made there, so that no other node is this one's neighbour.
      HOME: this.#folder,
      // Nothing of the settings of a node of this machine.
      RABBITMQ_CONF_ENV_FILE: '/dev/null',
      RABBITMQ_CONFIG_FILE: at('rabbitmq.conf'),
      RABBITMQ_ENABLED_PLUGINS_FILE: at('plugins'),
      RABBITMQ_MNESIA_BASE: at('mnesia'),
      RABBITMQ_LOG_BASE: at('log'),
      RABBITMQ_NODENAME: `test-${randomBytes(4).toString('hex')}@localhost`,
      RABBITMQ_DIST_PORT: String(distributionPort),
      // The process that is started is the node itself, not a shell that waits for it.
      RABBITMQ_ALLOW_INPUT: '1',
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+S 1:1 +sbwt none',
      ERL_EPMD_ADDRESS: '127.0.0.1',
      ERL_FLAGS: '-kernel inet_dist_use_interface {127,0,0,1}',
    };
    writeFileSync(at('plugins'), '[].\n');
    writeFileSync(
      at('rabbitmq.conf'),
      [
        `listeners.tcp.1 = 127.0.0.1:${port}`,
        'log.file.level = warning',
        'vm_memory_high_watermark.absolute = 1GB',
        'disk_free_limit.absolute = 10MB',
        // A small log, which a node that was killed reads quickly.
        'raft.wal_max_size_bytes = 16000000',
        '',
      ].join('\n'),
    );
  }

  get url(): string {
    return `amqp://guest:guest@127.0.0.1:${this.port}`;
  }

  get address(): { readonly host: string; readonly port: number } {
    return { host: '127.0.0.1', port: this.port };
  }

  /** With what it had on disk; on the port that it had before. */
  async start(): Promise<void> {
    const server = spawn(script('rabbitmq-server'), ['-noinput'], { env: this.#env, stdio: 'ignore' });
    running.add(server);
    server.once('close', () => running.delete(server));
    this.#server = server;
    await until(
      'a broker that answers',
      async () => {
        if (server.exitCode !== null) throw new Error(`rabbitmq-server ended: exit code ${server.exitCode}`);
        return this.#answers();
      },
      startMsMax,
    );
  }

  /** It ends orderly, or is killed, and comes back. */
  async restart(how: 'orderly' | 'kill'): Promise<void> {
    if (how === 'orderly') {
      await this.control('stop_app');
      await this.control('start_app');
    } else {
      await this.kill();
      await this.start();
    }
  }

  /** kill -9 */
  async kill(): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    this.#server = null;
    const closed = once(server, 'close');
    server.kill('SIGKILL');
    await closed;
  }

  /** Of all queues, messages that were delivered and are not acknowledged included. */
  async depths(): Promise<ReadonlyMap<string, number>> {
    const rows = await this.control('list_queues', '--silent', 'name', 'messages');
    return new Map(
      rows
        .split('\n')
        .filter((row) => row !== '')
        .map((row) => row.split('\t'))
        .map(([name = '', messages]) => [name, Number(messages)]),
    );
  }

  /** @returns what rabbitmqctl says */
  async control(...args: readonly string[]): Promise<string> {
    const { stdout } = await exec(script('rabbitmqctl'), ['-q', ...args], { env: { ...this.#env } });
    return stdout;
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #answers(): Promise<boolean> {
    try {
      const model = await connect(this.url, { timeout: 5_000 });
      await model.close();
      return true;
    } catch {
      return false;
    }
  }
}

function script(name: string): string {
  if (folder === undefined) throw new Error('there is no rabbitmq-server on this machine');
  return join(folder, name);
}
