// npm run sim: runs the simulator from the command line. Exits with 1 where an invariant was broken, with 2 where the
// simulator itself has failed or was called wrongly, else with 0.
import { Worker } from 'node:worker_threads';
import { parseOptions, type SimOptions, usage } from './options.ts';
import { failureText, Summary } from './summary.ts';
import type { Report, Share } from './worker.ts';

const progressMs = 5_000;

async function main(options: SimOptions): Promise<number> {
  const { from, runs, jobs } = options;
  console.log(runs === 1 ? `seed ${from}` : `seeds ${from} to ${from + runs - 1}`);
  const summary = new Summary();
  const startedAt = performance.now();
  const seconds = (): number => (performance.now() - startedAt) / 1_000;
  const progress = setInterval(() => {
    console.log(
      `${summary.runs} of ${runs} runs, ${summary.failed} with a violation, ${seconds().toFixed(0)} s`,
    );
  }, progressMs);
  const workers: Worker[] = [];
  const take = (report: Report): void => {
    if (report.type === 'broke') {
      summary.broken++;
      console.log(`seed ${report.seed}: the simulator itself has failed\n${report.error}`);
    } else {
      summary.add(report.result);
      if (report.result.violations.length > 0) console.log(failureText(report.result));
    }
    const isOver = options.stopAtFirst && summary.failed + summary.broken > 0;
    if (isOver) for (const worker of workers) void worker.terminate();
  };
  const shares = Array.from({ length: Math.min(jobs, runs) }, (_, index) => shareOf(options, index));
  await Promise.all(shares.map((share) => runShare(share, workers, take)));
  clearInterval(progress);
  console.log(summary.text(seconds()));
  if (summary.failed > 0) return 1;
  return summary.broken > 0 || summary.runs < runs ? 2 : 0;
}

function shareOf({ from, runs, jobs, calls }: SimOptions, index: number): Share {
  return { first: from + index, end: from + runs, step: jobs, calls };
}

function runShare(share: Share, workers: Worker[], take: (report: Report) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: share });
    workers.push(worker);
    worker.on('message', take);
    worker.on('error', reject);
    worker.on('exit', () => resolve());
  });
}

try {
  process.exitCode = await main(parseOptions(process.argv.slice(2)));
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  process.exitCode = 2;
}
