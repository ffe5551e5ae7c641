/**
 * Starts, adopts and stops the postmaster of a cluster. Call under the start lock; who else uses the server is not
 * decided here.
 */
import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import type { Account } from './account.ts';
import type { Binaries } from './binaries.ts';
import { EmbeddedError, messageOf } from './errors.ts';
import { dataFolderArgument, spawnOptions } from './launch.ts';
import type { Layout } from './layout.ts';
import { embeddedLimits } from './limits.ts';
import { choosePort, rememberPort } from './ports.ts';
import type { Postmaster } from './postmaster-file.ts';
import { clearStalePostmasterFile, isAlive, readPostmaster } from './postmaster-file.ts';
import { pollUntil, signalProcess } from './processes.ts';
import { logSize, logTail, openServerLog } from './server-log.ts';
import { serverArguments } from './settings.ts';

export type StopMode = 'fast' | 'immediate';

export interface LaunchOptions {
  readonly binaries: Binaries;
  readonly account: Account | undefined;
  readonly settings: Readonly<Record<string, string>>;
}

/** The server that runs on this cluster already, once it is ready; undefined where none does. */
export async function adoptPostmaster(layout: Layout): Promise<Postmaster | undefined> {
  const seen = await pollUntil(() => {
    const postmaster = readPostmaster(layout.data);
    if (postmaster === undefined) return 'none';
    return postmaster.status === 'ready' ? postmaster : undefined;
  }, embeddedLimits.startMsMax);
  if (seen === undefined) throw timeout(layout, 0);
  return seen === 'none' ? undefined : seen;
}

/** Starts one and waits until it is ready, crash recovery included. */
export async function launchPostmaster(layout: Layout, options: LaunchOptions): Promise<Postmaster> {
  clearStalePostmasterFile(layout.data);
  const deadline = performance.now() + embeddedLimits.startMsMax;
  let portAttempts = 0;
  for (;;) {
    const from = logSize(layout.log);
    const port = await choosePort(layout.port);
    const outcome = await launchOnce(layout, options, port, deadline);
    if (outcome === 'timeout') throw timeout(layout, from);
    if (typeof outcome !== 'string') {
      rememberPort(layout.port, outcome.port);
      return outcome;
    }
    const tail = logTail(layout.log, from);
    if (/could not bind|could not create any TCP/.test(tail)) portAttempts += 1;
    // Backends of a killed postmaster are still on their way out.
    const lingering = /pre-existing shared memory block/.test(tail);
    const again = lingering
      ? performance.now() < deadline
      : portAttempts > 0 && portAttempts < embeddedLimits.portAttemptsMax;
    if (!again) throw startFailed(layout, outcome, tail);
    await pollUntil(() => undefined, embeddedLimits.pollMs);
  }
}

/** The postmaster, or what went wrong. */
async function launchOnce(
  layout: Layout,
  options: LaunchOptions,
  port: number,
  deadline: number,
): Promise<Postmaster | string> {
  const log = openServerLog(layout.log);
  const args = [
    '-D',
    dataFolderArgument(layout.data, options.account),
    ...serverArguments(port, options.settings),
  ];
  let ended: string | undefined;
  try {
    const child = spawn(options.binaries.postgres, args, {
      ...spawnOptions(layout.data, options.account),
      stdio: ['ignore', log, log],
    });
    child.on('error', (error) => {
      ended = messageOf(error);
    });
    child.on('exit', (code, signal) => {
      ended = `exit ${code ?? signal ?? 'unknown'}`;
    });
    child.unref();
    const seen = await pollUntil(() => {
      if (ended !== undefined) return ended;
      const postmaster = readPostmaster(layout.data);
      return postmaster?.pid === child.pid && postmaster?.status === 'ready' ? postmaster : undefined;
    }, deadline - performance.now());
    return seen ?? 'timeout';
  } finally {
    closeSync(log);
  }
}

/** Stops a postmaster and waits until it is gone. Fast rolls back and writes a checkpoint; immediate is a crash. */
export async function stopPostmaster(postmaster: Postmaster, mode: StopMode): Promise<void> {
  if (mode === 'fast') {
    signalProcess(postmaster.pid, 'SIGINT');
    if (await waitGone(postmaster, embeddedLimits.fastStopMsMax)) return;
  }
  signalProcess(postmaster.pid, 'SIGQUIT');
  if (await waitGone(postmaster, embeddedLimits.immediateStopMsMax)) return;
  throw new EmbeddedError(
    'EMBEDDED_STOP_TIMEOUT',
    `the embedded PostgreSQL (process ${postmaster.pid}) does not end, not even on an immediate stop`,
  );
}

async function waitGone(postmaster: Postmaster, msMax: number): Promise<boolean> {
  return (await pollUntil(() => !isAlive(postmaster) || undefined, msMax)) === true;
}

function startFailed(layout: Layout, outcome: string, tail: string): EmbeddedError {
  return new EmbeddedError(
    'EMBEDDED_START_FAILED',
    `the embedded PostgreSQL did not start (${outcome}); ${layout.log} ends with:\n${tail}`,
  );
}

function timeout(layout: Layout, from: number): EmbeddedError {
  return new EmbeddedError(
    'EMBEDDED_START_TIMEOUT',
    `the embedded PostgreSQL was not ready after ${embeddedLimits.startMsMax / 1000} s; it goes on, and the next start will use it; ${layout.log} ends with:\n${logTail(layout.log, from)}`,
  );
}
