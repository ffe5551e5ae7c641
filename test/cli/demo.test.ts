import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { run } from '../../src/cli/demo.ts';
import { parseReadyLine } from '../../src/cli/service-process.ts';
import { recordedIo, TemporaryFolder } from './support.ts';

const fakeMain = join(dirname(fileURLToPath(import.meta.url)), 'fake-main.ts');

interface Trace {
  command: string;
  dataDir: string;
  pid: number;
  /** Settings that would have led it elsewhere. */
  led: string[];
}

async function demo(...more: string[]) {
  using folder = new TemporaryFolder();
  const trace = join(folder.path, 'trace');
  vi.stubEnv('FAKE_TRACE', trace);
  const io = recordedIo();
  const orders = folder.ndjson('o.ndjson', [{ type: 'order', id: '1', lines: [{ sku: 'A', qty: 1 }] }]);
  const catalogue = folder.ndjson('c.ndjson', [{ sku: 'A', name: 'a', units_ordered: 1 }]);
  const program = [process.execPath, fakeMain] as const;
  const code = await run(['--orders', orders, '--catalogue', catalogue, ...more], io, program);
  const started: Trace[] = readFileSync(trace, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return { code, out: io.stdout.join('\n'), err: io.stderr.join('\n'), started };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('demo', () => {
  test('starts a service in a folder of its own, replays, audits, stops it and removes the folder', async () => {
    for (const [name, value] of Object.entries({
      ROLE: 'logistics',
      INVENTORY_DATABASE_URL: 'postgres://somebody-elses',
      LOGISTICS_DATABASE_URL: 'postgres://somebody-elses',
      INVENTORY_GRPC_URL: '127.0.0.1:1',
      PAYMENT_GATEWAY_URL: 'https://real.money',
      PAYMENT_SECRETS: 'sixteen-characters',
      AMQP_URL: 'amqp://somebody-elses',
      REDIS_URL: 'redis://somebody-elses',
    }))
      vi.stubEnv(name, value);
    const { code, out, started } = await demo();
    expect(out).toContain('1: 1 delivered, 0 back-ordered, 0 cancelled, 0 failed');
    expect(out).toContain('audit of the databases: 0 differences');
    expect(out).toMatch(/^oversold: 0$/m);
    expect(out).toMatch(/^books balanced: yes$/m);
    expect(code).toBe(0);
    expect(started.map(({ command }) => command)).toEqual(['serve', 'audit']);
    const [serve, audit] = started;
    expect([serve?.led, audit?.led]).toEqual([[], []]);
    expect(audit?.dataDir).toBe(serve?.dataDir);
    expect(existsSync(dirname(serve?.dataDir ?? '/'))).toBe(false);
    expect(isAlive(serve?.pid ?? 0)).toBe(false);
  });

  test('what the audit finds is printed, and the books do not balance', async () => {
    vi.stubEnv('FAKE_AUDIT', 'level A: movements say 3, the table says 2');
    const { code, out } = await demo();
    expect(out).toContain('audit: level A: movements say 3, the table says 2');
    expect(out).toMatch(/^books balanced: no$/m);
    expect(code).toBe(1);
  });

  test('a service that does not start is shown with its log', async () => {
    vi.stubEnv('FAKE_FAILURE', 'start');
    const { code, err, started } = await demo();
    expect(err).toContain('the service ended before it was ready: exit code 3');
    expect(err).toContain('cannot start: no disk');
    expect(code).toBe(1);
    expect(existsSync(dirname(started[0]?.dataDir ?? '/'))).toBe(false);
  });

  test('a service that dies during the replay is shown with its log, at once', async () => {
    vi.stubEnv('FAKE_FAILURE', 'crash');
    const { code, err, out } = await demo();
    expect(err).toContain('the service ended during the replay: exit code 9; its log ends with:');
    expect(out).toBe('');
    expect(code).toBe(1);
  });

  test('a service that does not stop cleanly fails the demo', async () => {
    vi.stubEnv('FAKE_FAILURE', 'stop');
    const { code, out, err } = await demo();
    expect(out).toContain('books balanced: yes');
    expect(err).toContain('did not stop cleanly: exit code 4');
    expect(code).toBe(1);
  });

  test('--keep leaves it running, and says how to stop it', async () => {
    const { code, err, started } = await demo('--keep');
    const [serve] = started;
    expect(code).toBe(0);
    expect(serve).toBeDefined();
    const folder = dirname(serve?.dataDir ?? '');
    try {
      expect(err).toContain(`kill -TERM ${serve?.pid}`);
      expect(err).toContain(folder);
      expect(isAlive(serve?.pid ?? 0)).toBe(true);
    } finally {
      if (serve !== undefined) process.kill(serve.pid, 'SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

test.each([
  ['{"event":"ready","http":8080,"grpc":50051,"pid":1}', { http: 8080, grpc: 50051 }],
  ['{"level":30,"event":"ready","http":0,"grpc":1}', { http: 0, grpc: 1 }],
  ['{"event":"started","msg":"ready"}', undefined],
  ['{"event":"ready","http":"8080","grpc":1}', undefined],
  ['"ready"', undefined],
  ['{"event":"ready"', undefined],
])('the ready line: %s', (line, ports) => {
  expect(parseReadyLine(line)).toEqual(ports);
});
