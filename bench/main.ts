// `npm run bench`: prepares the databases, runs the rounds, prints what they say, and fails where any run was wrong.
import { writeFileSync } from 'node:fs';
import { UsageError } from '../src/cli/options.ts';
import { chart } from './chart.ts';
import { Child } from './child.ts';
import { type Run, runRounds } from './conductor.ts';
import { Databases } from './databases.ts';
import { BrokerError } from './events/broker.ts';
import { benchEvents } from './events/main.ts';
import { benchLimits as limits } from './limits.ts';
import { type BenchOptions, benchOptions, help } from './options.ts';
import { describeMachine, type Machine, machineLine } from './report/machine.ts';
import { summarize, warnings } from './report/summary.ts';
import { legend, tableLines } from './report/table.ts';

class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

async function main(args: string[]): Promise<number> {
  const [first, ...rest] = args;
  if (first === 'events') return benchEvents(rest, { print, say, interrupted: interruption() });
  if (args.includes('--help') || args.includes('-h')) {
    print(help);
    return 0;
  }
  const options = benchOptions(args);
  const interrupted = interruption();
  const databases = await Databases.open(options.flushMs);
  try {
    const machine = describeMachine(databases.version);
    say(machineLine(machine));
    return await Promise.race([bench(databases, machine, options), interrupted]);
  } finally {
    Child.killAll();
    await databases.close();
  }
}

/** Rejects with the first signal to end. */
function interruption(): Promise<never> {
  const interrupted = new Promise<never>((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => reject(new Interrupted(`interrupted by ${signal}`)));
  });
  interrupted.catch(() => {});
  return interrupted;
}

async function bench(databases: Databases, machine: Machine, options: BenchOptions): Promise<number> {
  await databases.fillTemplates();
  const { runs, problems } = await runRounds(databases, options, say);
  report(runs, problems, machine, options);
  return problems.length === 0 ? 0 : 1;
}

function report(
  runs: readonly Run[],
  problems: readonly string[],
  machine: Machine,
  options: BenchOptions,
): void {
  const summaries = summarize(options.only, runs);
  const warned = warnings(summaries, runs);
  const { rounds, measureMs, warmUpMs, outstanding, baskets, generators, flushMs } = options;
  const conditions = { rounds, measureMs, warmUpMs, outstanding, baskets, generators, flushMs };
  print('');
  print(machineLine(machine));
  print(
    `${rounds} rounds of ${measureMs / 1_000} s after ${warmUpMs / 1_000} s of warm-up, ` +
      `${outstanding} requests under way, ${baskets} baskets` +
      (flushMs === 0 ? '' : `, each flush ${flushMs} ms longer`),
  );
  print('');
  for (const line of [...tableLines(summaries), ...legend]) print(line);
  for (const warning of warned) print(`note: ${warning}`);
  for (const problem of problems.slice(0, limits.problemsMax)) print(`WRONG: ${problem}`);
  if (problems.length > limits.problemsMax) print(`WRONG: and ${problems.length - limits.problemsMax} more`);
  print(`books: ${problems.length === 0 ? 'every run balanced (I1, I2, I8)' : 'NOT balanced'}`);
  if (options.json !== null) {
    const everything = { version: 1, at: new Date(), machine, conditions, scenarios: summaries, runs };
    writeFileSync(
      options.json,
      `${JSON.stringify({ ...everything, warnings: warned, problems }, null, 2)}\n`,
    );
  }
  if (options.svg !== null) writeFileSync(options.svg, chart(summaries, machine, rounds));
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function say(line: string): void {
  process.stderr.write(`bench: ${line}\n`);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const isUsage = error instanceof UsageError;
  const isShort = isUsage || error instanceof Interrupted || error instanceof BrokerError;
  say(error instanceof Error ? ((isShort ? null : error.stack) ?? error.message) : String(error));
  // Not left to the end of the event loop: an interrupted run may have begun something that nobody waits for any more.
  process.exit(isUsage ? 2 : 1);
}
