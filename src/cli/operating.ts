// What the commands that operate the service have in common: no options but --help, and errors of operation in a line.
import { EmbeddedError } from '../persistence/embedded/errors.ts';
import { MigrationError } from '../persistence/migration-errors.ts';
import { ServerCheckError } from '../persistence/server-check.ts';
import { StoreError } from '../runtime/store.ts';
import { SettingError } from '../service/settings.ts';
import { type Io, processIo } from './io.ts';
import { CommandError, parseOptions, runCommand } from './options.ts';

/** @returns the exit code: that of `work`, 2 for a bad option, 1 for whatever else stops it */
export function operatingCommand(
  command: { readonly name: string; readonly help: string },
  argv: string[],
  work: () => Promise<number>,
  io: Io = processIo,
): Promise<number> {
  return runCommand(
    command,
    argv,
    async () => {
      parseOptions({ args: argv, options: {} });
      return asOperating(work);
    },
    io,
  );
}

/** Errors of operation become those that are told in a line. @throws CommandError, and whatever is a fault of ours */
export async function asOperating<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isOperating(error)) throw new CommandError(error.message);
    throw error;
  }
}

/** What whoever operates the service can mend, and the message says how. */
function isOperating(error: unknown): error is Error {
  if (error instanceof SettingError || error instanceof EmbeddedError || error instanceof MigrationError)
    return true;
  if (error instanceof ServerCheckError || error instanceof StoreError) return true;
  return (
    error instanceof Error && 'code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES')
  );
}
