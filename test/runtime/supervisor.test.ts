// The supervisor's start, with threads that do only what a test tells them.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { defaultSupervisionLimits } from '../../src/runtime/threads/supervised.ts';
import { ListenError, Supervisor } from '../../src/runtime/threads/supervisor.ts';

/** A thread that ends when it is told to, and does `body` besides. */
function threadOf(body: string): URL {
  const source = `
    import { parentPort, workerData } from 'node:worker_threads';
    const report = (message) => parentPort.postMessage(message);
    parentPort.on('message', ({ type }) => {
      if (type === 'drain') report({ type: 'drained' });
      if (type === 'stop') process.exit(0);
    });
    ${body}`;
  return new URL(`data:text/javascript,${encodeURIComponent(source)}`);
}

const ready = threadOf(`report({ type: 'ready' });`);
let supervisors: Supervisor[];
let gaveUp: string[];

beforeEach(() => {
  supervisors = [];
  gaveUp = [];
});

afterEach(async () => {
  for (const supervisor of supervisors) await supervisor.stop();
});

function make(modules: { readonly ingress?: URL; readonly shard?: URL }): Supervisor {
  const supervisor = new Supervisor(
    {
      shards: 4,
      shardThreads: 2,
      ingressThreads: 1,
      shardModule: modules.shard ?? ready,
      ingressModule: modules.ingress ?? ready,
      shardData: {},
      ingressData: {},
      limits: { ...defaultSupervisionLimits, restartsInARowMax: 1, restartBackoffMsMin: 1, stopMsMax: 5_000 },
      log: () => {},
      onDisplaced: () => {},
      onGiveUp: (why) => gaveUp.push(why),
    },
    0,
  );
  supervisors.push(supervisor);
  return supervisor;
}

test('an ingress thread that cannot have its port fails the start at once', async () => {
  const ingress = threadOf(`report({ type: 'cannot-listen', why: 'the port is taken' });`);
  await expect(make({ ingress }).startIngress()).rejects.toThrow(new ListenError('the port is taken'));
  expect(gaveUp).toEqual([]);
});

test('an ingress thread that ends again and again fails the start', async () => {
  const ingress = threadOf(`throw new Error('a bug');`);
  await expect(make({ ingress }).startIngress()).rejects.toThrow(
    'ingress-0 ends again and again: Error: a bug',
  );
  expect(gaveUp).toHaveLength(1);
});

test('a start that is told to end does not wait for its threads', async () => {
  const told = new AbortController();
  const started = make({ ingress: threadOf('') }).startIngress(told.signal);
  told.abort(new Error('told to'));
  await expect(started).rejects.toThrow('told to');
});
