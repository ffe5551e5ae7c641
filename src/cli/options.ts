// Options of the commands: util.parseArgs with one-line errors that name the option. Not: settings of the service,
// which come from the environment.
import { accessSync, constants, statSync } from 'node:fs';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { type Io, processIo } from './io.ts';

/** The command line itself is wrong: one line, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The command cannot go on, and the reason is for the user: one line, exit code 1. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

type Parsed<T extends ParseArgsConfig> = ReturnType<typeof parseArgs<T>>;

/** As util.parseArgs; throws UsageError. */
export function parseOptions<T extends ParseArgsConfig>(config: T): Parsed<T> {
  try {
    return parseArgs(config);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // Node goes on with advice about positional arguments; the first sentence names the option.
    throw new UsageError((error.message.split(/\. |\n/, 1)[0] ?? error.message).replace(/\.$/, ''));
  }
}

/** A whole number within [min, max], written with digits only. */
export function integerOption(name: string, text: string, min: number, max: number): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max)) {
    throw new UsageError(`--${name} must be a whole number from ${min} to ${max}, not '${text}'`);
  }
  return value;
}

/** A non-negative decimal as an exact fraction: 1.1 is 11/10, which no double is. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

export function fractionOption(name: string, text: string): Fraction {
  const match = /^(\d{1,6})(?:\.(\d{1,9}))?$/.exec(text);
  if (match === null) {
    throw new UsageError(`--${name} must be a decimal number from 0 to 999999, not '${text}'`);
  }
  const decimals = match[2] ?? '';
  return { numerator: BigInt(`${match[1]}${decimals}`), denominator: 10n ** BigInt(decimals.length) };
}

/** `host:port` or `[::1]:port`. */
export function addressOption(name: string, text: string): string {
  const match = /^(?:\[[0-9a-fA-F:.]+\]|[^\s:/[\]]+):(\d{1,5})$/.exec(text);
  const port = Number(match?.[1] ?? 0);
  if (port < 1 || port > 65_535) throw new UsageError(`--${name} must be host:port, not '${text}'`);
  return text;
}

/** A file that can be read; `-` is standard input where `stdin` is allowed. */
export function fileOption(name: string, path: string, stdin = false): string {
  if (stdin && path === '-') return path;
  try {
    accessSync(path, constants.R_OK);
    if (statSync(path).isDirectory()) throw new UsageError(`${name}: '${path}' is a folder, not a file`);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${name}: cannot read '${path}'`);
  }
  return path;
}

/** Runs a command's body: its help, and its two kinds of error as one line and an exit code. */
export async function runCommand(
  command: { readonly name: string; readonly help: string },
  argv: readonly string[],
  body: () => Promise<number>,
  io: Io = processIo,
): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    io.out(command.help.trimEnd());
    return 0;
  }
  try {
    return await body();
  } catch (error) {
    if (error instanceof UsageError) {
      io.err(`synkro ${command.name}: ${error.message} (see synkro ${command.name} --help)`);
      return 2;
    }
    if (error instanceof CommandError) {
      io.err(`synkro ${command.name}: ${error.message}`);
      return 1;
    }
    throw error;
  }
}
