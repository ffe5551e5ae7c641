// `synkro demo`: the main job from nothing. Starts both services on the embedded PostgreSQL in a fresh temporary
// folder, replays the data set against them, audits both databases, reports, and cleans up.
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Io, processIo } from './io.ts';
import { CommandError, parseOptions, runCommand } from './options.ts';
import { type ReplayOptions, replayOptionConfig, replayOptionHelp, replayOptions } from './replay/options.ts';
import { replay } from './replay/run.ts';
import { type Program, ServiceProcess, thisProgram } from './service-process.ts';
import { type Interruption, untilInterrupted } from './signals.ts';

export const summary = "start everything from nothing and play a real shop's year of orders";

export const help = `synkro demo [options]

Starts both services on the embedded PostgreSQL in a fresh temporary folder, loads the catalogue into three warehouses, and
plays a year of a real shop through the gRPC API: customers, orders that are paid, reserved, shipped and delivered, goods
given back and refunded. Then it audits both databases, prints a report and removes the folder. Exit code: 0 only if nothing
was oversold, the books balance, every record was answered and the service stopped cleanly; 1 otherwise; 2 for a bad option.

  --keep               leave the service running, and say where it is${replayOptionHelp}
`;

export async function run(argv: string[], io: Io = processIo, program?: Program): Promise<number> {
  return runCommand(
    { name: 'demo', help },
    argv,
    async () => {
      const { values } = parseOptions({
        args: argv,
        options: { ...replayOptionConfig, keep: { type: 'boolean' } },
      });
      return demo(replayOptions(values), values.keep === true, program ?? thisProgram(), io);
    },
    io,
  );
}

async function demo(options: ReplayOptions, keep: boolean, program: Program, io: Io): Promise<number> {
  using interrupted = untilInterrupted();
  const folder = await mkdtemp(join(tmpdir(), 'synkro-demo-'));
  // Started as root, PostgreSQL runs as another user, who has to pass through to its own, closed folder.
  await chmod(folder, 0o711);
  const service = await ServiceProcess.start(folder, keep, program);
  let kept = false;
  try {
    const good = await playOn(service, options, interrupted, io);
    kept = keep;
    const clean = keep || (await stopCleanly(service, io));
    return good && clean ? 0 : 1;
  } finally {
    if (kept) {
      service.release();
      io.err(`demo: left running as process ${service.pid}, with its data and its log in ${folder}`);
      io.err(`demo: to stop it: kill -TERM ${service.pid}; then remove that folder`);
    } else {
      await service.stop();
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    }
  }
}

async function playOn(
  service: ServiceProcess,
  options: ReplayOptions,
  interrupted: Interruption,
  io: Io,
): Promise<boolean> {
  io.err('demo: starting the service on the embedded PostgreSQL …');
  const ports = await service.ready(interrupted.signal);
  const address = `127.0.0.1:${ports.grpc}`;
  io.err(`demo: the service is ready: gRPC ${address}, HTTP http://127.0.0.1:${ports.http}`);
  let replaying = true;
  let lost: string | undefined;
  void service.ended.then((end) => {
    if (!replaying) return;
    lost = `the service ended during the replay: ${end}`;
    interrupted.abort(lost);
  });
  try {
    return await replay({ address, audit: () => service.audit() }, options, interrupted.signal, io);
  } catch (error) {
    // Where the service itself went away, its log says more than the calls that failed because of it.
    if (lost === undefined) throw error;
    throw new CommandError(`${lost}${await service.logTail()}`);
  } finally {
    replaying = false;
  }
}

async function stopCleanly(service: ServiceProcess, io: Io): Promise<boolean> {
  const end = await service.stop();
  if (end === 'exit code 0') return true;
  io.err(`demo: the service did not stop cleanly: ${end}${await service.logTail()}`);
  return false;
}
