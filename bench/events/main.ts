// `npm run bench -- events`: finds the broker, prepares the databases, runs the rounds, prints what they say, and fails where any
// run was wrong. Broker and databases are left as they were found, also where it is interrupted.
import { writeFileSync } from 'node:fs';
import { Child } from '../child.ts';
import { Databases } from '../databases.ts';
import { benchLimits } from '../limits.ts';
import { describeMachine, type Machine, machineLine } from '../report/machine.ts';
import { fullStock, hotStock } from '../stock.ts';
import { Broker } from './broker.ts';
import { type DoneRun, problemsOf, runEvents } from './conductor.ts';
import { type EventOptions, eventOptions, help } from './options.ts';
import type { EventScenario } from './scenario.ts';
import { eventScenarios } from './scenarios.ts';
import { type EventSummary, noisyRuns, summarizeEvents } from './summary.ts';
import { eventLegend, eventTable } from './table.ts';
import { timelineChart } from './timeline-chart.ts';

export interface Terminal {
  print(line: string): void;
  say(line: string): void;
  /** Rejects when somebody wants it to end. */
  readonly interrupted: Promise<never>;
}

/** @returns the exit code @throws BrokerError where there is no broker to use; UsageError */
export async function benchEvents(args: string[], terminal: Terminal): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    terminal.print(help);
    return 0;
  }
  const options = eventOptions(args);
  const broker = await Broker.open();
  try {
    const databases = await Databases.open(options.flushMs);
    try {
      const machine = describeMachine(databases.version);
      terminal.say(`${machineLine(machine)}; RabbitMQ ${broker.version}`);
      return await Promise.race([bench(databases, broker, machine, options, terminal), terminal.interrupted]);
    } finally {
      Child.killAll();
      await databases.close();
    }
  } finally {
    await broker.close();
  }
}

async function bench(
  databases: Databases,
  broker: Broker,
  machine: Machine,
  options: EventOptions,
  { print, say }: Terminal,
): Promise<number> {
  await databases.fillProduct(options.workload === 'baskets' ? await fullStock() : hotStock);
  const scenarios = options.only.map((name) => eventScenarios[name]);
  const runs = await runEvents({ broker, databases, options, say }, scenarios);
  const problems = problemsOf(runs);
  const summaries = summarizeEvents(scenarios, runs);
  print('');
  print(`${machineLine(machine)}; RabbitMQ ${broker.version}`);
  print('');
  for (const line of [...summaries.flatMap(eventTable), ...eventLegend]) print(line);
  for (const line of noisyRuns(runs)) print(`note: ${line}`);
  for (const problem of problems.slice(0, benchLimits.problemsMax)) print(`WRONG: ${problem}`);
  print(`books: ${problems.length === 0 ? 'every run balanced (I1, I2, I8, I15)' : 'NOT balanced'}`);
  if (options.json !== null) writeJson(options.json, { machine, broker, options, summaries, runs, problems });
  if (options.svg !== null) writeSvg(options.svg, scenarios, runs, machine);
  return problems.length === 0 ? 0 : 1;
}

interface Everything {
  readonly machine: Machine;
  readonly broker: Broker;
  readonly options: EventOptions;
  readonly summaries: readonly EventSummary[];
  readonly runs: readonly DoneRun[];
  readonly problems: readonly string[];
}

function writeJson(file: string, { broker, machine, options, problems, runs, summaries }: Everything): void {
  const { json: _, svg: __, ...conditions } = options;
  const scenarios = summaries.map(({ scenario, variants, verdicts }) => ({
    name: scenario.name,
    title: scenario.title,
    variants,
    verdicts,
  }));
  const everything = {
    version: 1,
    at: new Date(),
    machine: { ...machine, rabbitmq: broker.version },
    conditions,
    scenarios,
    runs,
    warnings: noisyRuns(runs),
    problems,
  };
  writeFileSync(file, `${JSON.stringify(everything, null, 2)}\n`);
}

/** Of the first run that has one. */
function writeSvg(
  file: string,
  scenarios: readonly EventScenario[],
  runs: readonly DoneRun[],
  machine: Machine,
): void {
  for (const { figures, timeline } of runs) {
    if (timeline === undefined) continue;
    writeFileSync(file, timelineChart(timeline, figures['offeredPerSecond'] ?? 0, machine));
    return;
  }
  throw new Error(`no run of ${scenarios.map(({ name }) => name).join(', ')} makes a picture`);
}
