// A thread that makes every so-manieth run, and reports each.
import { parentPort, workerData } from 'node:worker_threads';
import { isInteger, objectOf } from '../actors/shape.ts';
import { type RunResult, runSimulation } from './run.ts';

/** Runs `first`, `first + step`, and so on below `end`. */
export interface Share {
  readonly first: number;
  readonly end: number;
  readonly step: number;
  readonly calls: number;
}

export type Report =
  | { readonly type: 'ran'; readonly result: RunResult }
  | { readonly type: 'broke'; readonly seed: number; readonly error: string };

const isShare = objectOf<Share>({ first: isInteger, end: isInteger, step: isInteger, calls: isInteger });

async function work(share: Share, report: (report: Report) => void): Promise<void> {
  for (let seed = share.first; seed < share.end; seed += share.step) {
    try {
      report({ type: 'ran', result: await runSimulation(seed, { calls: share.calls }) });
    } catch (error) {
      report({
        type: 'broke',
        seed,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
    }
    // Lets messages out, and a signal to end in.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

if (parentPort !== null && isShare(workerData)) {
  const port = parentPort;
  await work(workerData, (report) => port.postMessage(report));
}
