/** Drives embedded-child.ts: processes that start, share, leave or are killed. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, vi } from 'vitest';
import { processIdentity } from '../../src/persistence/embedded/processes.ts';

export interface ChildOptions {
  readonly dataDir: string;
  /** The folder that holds src/, test/ and node_modules/; this checkout unless set. */
  readonly project?: string;
  readonly uid?: number;
  readonly gid?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly stopOnExit?: boolean;
}

export interface ServerSeen {
  readonly pid: number;
  readonly port: number;
  readonly adopted: boolean;
  readonly url: string;
}

export interface EmbeddedChild {
  /** Settles when the server is up; rejects with what the child said where it ends before. */
  readonly ready: Promise<ServerSeen>;
  /** Tells it to go and waits for its end; gives the exit code. */
  leave(how: 'stop' | 'exit'): Promise<number | null>;
  kill(): Promise<void>;
}

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));

export function spawnEmbedded(options: ChildOptions): EmbeddedChild {
  const project = options.project ?? CHECKOUT;
  const args = [`${project}/test/support/embedded-child.ts`, options.dataDir];
  // Not process.execPath: vitest itself may run on a Node that cannot strip types.
  const child = spawn(
    `${project}/node_modules/node/bin/node`,
    [...args, ...(options.stopOnExit ? ['--stop-on-exit'] : [])],
    {
      cwd: '/',
      env: { PATH: process.env['PATH'], ...options.env },
      ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.gid }),
      stdio: 'pipe',
    },
  );
  const ended = once(child, 'close');
  const ready = firstLine(child);
  // A test that kills the child before it is ready does not look at `ready`.
  ready.catch(() => undefined);
  return {
    ready,
    leave: async (how) => {
      child.stdin.write(`${how}\n`);
      await ended;
      return child.exitCode;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function firstLine(child: ChildProcess): Promise<ServerSeen> {
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('the child has no pipes');
  let said = '';
  stderr.on('data', (chunk) => {
    said += String(chunk);
  });
  for await (const line of createInterface({ input: stdout })) return parseSeen(line);
  throw new Error(`the child ended before its server was up: ${said}`);
}

function parseSeen(line: string): ServerSeen {
  const seen: unknown = JSON.parse(line);
  if (!isServerSeen(seen)) throw new Error(`not what the child says: ${line}`);
  return seen;
}

function isServerSeen(seen: unknown): seen is ServerSeen {
  return typeof seen === 'object' && seen !== null && 'pid' in seen && 'port' in seen && 'url' in seen;
}

export async function expectGone(pid: number): Promise<void> {
  await vi.waitFor(
    () => expect(processIdentity(pid), `process ${pid} should be gone`).toBeUndefined(),
    10_000,
  );
}
