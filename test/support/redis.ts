/** A Redis of a test's own, to be killed, frozen, flushed and started again. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
import { describe } from 'vitest';

const isThere = spawnSync('redis-server', ['--version']).status === 0;
if (!isThere) process.stderr.write('There is no redis-server on this machine.\n');

/** Skipped where there is no Redis to start; where all tests are to run (CI=true) that is a failure. */
export const describeWithRedis = isThere || process.env['CI'] === 'true' ? describe : describe.skip;

/** Nothing that was started here outlives the tests. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export class TestRedis {
  readonly port: number;
  /** A client of the test's own, which waits for connections. */
  readonly client: Redis;
  #server: ChildProcess | null = null;

  static async start(): Promise<TestRedis> {
    const redis = new TestRedis(await freePort());
    await redis.start();
    return redis;
  }

  private constructor(port: number) {
    this.port = port;
    this.client = new Redis({ port, host: '127.0.0.1', lazyConnect: true, retryStrategy: () => 20 });
    // It is killed again and again.
    this.client.on('error', () => {});
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Empty; on the port that it had before. */
  async start(): Promise<void> {
    const given = ['--port', String(this.port), '--bind', '127.0.0.1', '--save', '', '--dir', tmpdir()];
    const server = spawn('redis-server', given, { stdio: ['ignore', 'pipe', 'ignore'] });
    running.add(server);
    server.once('close', () => running.delete(server));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.once('close', () => reject(new Error('redis-server ended')));
      createInterface({ input: server.stdout }).on('line', (line) => {
        if (line.includes('Ready to accept connections')) resolve();
      });
    });
    this.#server = server;
  }

  async flush(): Promise<void> {
    await this.client.flushall();
  }

  /** Takes connections and commands, and answers none. */
  freeze(): void {
    this.#server?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#server?.kill('SIGCONT');
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

  async stop(): Promise<void> {
    this.client.disconnect();
    await this.kill();
  }
}

/** Of a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('127.0.0.1 has no free port');
  return address.port;
}
