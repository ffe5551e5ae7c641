// The supervisor's start, with threads that do only what a test tells them.
import { BroadcastChannel } from 'node:worker_threads';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { defaultSupervisionLimits } from '../../src/runtime/threads/supervised.ts';
import { ListenError, Supervisor } from '../../src/runtime/threads/supervisor.ts';
import { until } from '../support/until.ts';

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
let readyCount: number;

beforeEach(() => {
  supervisors = [];
  gaveUp = [];
  readyCount = 0;
});

afterEach(async () => {
  for (const supervisor of supervisors) await supervisor.stop();
});

function make(modules: { readonly ingress?: URL; readonly shard?: URL; readonly aside?: URL }): Supervisor {
  const supervisor = new Supervisor(
    {
      groups: [
        {
          name: 'shard',
          shards: 4,
          threads: 2,
          module: modules.shard ?? ready,
          data: {},
          isAsked: true,
          asks: [],
        },
        ...(modules.aside === undefined
          ? []
          : [
              {
                name: 'aside',
                shards: 1,
                threads: 1,
                module: modules.aside,
                data: {},
                isAsked: false,
                asks: [],
              },
            ]),
      ],
      ingressThreads: 1,
      ingressModule: modules.ingress ?? ready,
      ingressData: {},
      limits: { ...defaultSupervisionLimits, restartsInARowMax: 1, restartBackoffMsMin: 1, stopMsMax: 5_000 },
      log: () => {},
      onReady: () => {
        readyCount += 1;
      },
      onDisplaced: () => {},
      onGiveUp: (why) => gaveUp.push(why),
    },
    { http: 0, grpc: 0 },
  );
  supervisors.push(supervisor);
  return supervisor;
}

test('an ingress thread that cannot have its port fails the start at once', async () => {
  const ingress = threadOf(`report({ type: 'cannot-listen', which: 'grpc', why: 'the port is taken' });`);
  await expect(make({ ingress }).startIngress()).rejects.toThrow(
    new ListenError('grpc', 'the port is taken'),
  );
  expect(gaveUp).toEqual([]);
});

test('an ingress thread that ends again and again fails the start', async () => {
  const ingress = threadOf(`throw new Error('a bug');`);
  await expect(make({ ingress }).startIngress()).rejects.toThrow(
    'ingress-0 ends again and again: Error: a bug',
  );
  expect(gaveUp).toHaveLength(1);
});

test('a thread that clients do not wait for is started again for ever, and the others serve', async () => {
  const channel = new BroadcastChannel('supervisor.test.aside');
  let starts = 0;
  channel.onmessage = () => {
    starts += 1;
  };
  const aside = threadOf(`
    import { BroadcastChannel } from 'node:worker_threads';
    new BroadcastChannel('supervisor.test.aside').postMessage('started');
    setTimeout(() => { throw new Error('a bug'); });`);
  const supervisor = make({ aside });
  await supervisor.startIngress();
  await supervisor.startShards(new Map());
  // Any other thread is given up after its second.
  await until('it to be started again', () => starts >= 4);
  expect([supervisor.isReady, gaveUp]).toEqual([true, []]);
  channel.close();
});

test('a start that is told to end does not wait for its threads', async () => {
  const told = new AbortController();
  const started = make({ ingress: threadOf('') }).startIngress(told.signal);
  told.abort(new Error('told to'));
  await expect(started).rejects.toThrow('told to');
});

test('an ingress thread that is restarting while the shards become ready: it is ready when that thread is', async () => {
  const channel = new BroadcastChannel('supervisor.test');
  // Ready at once, but ends when told to, and then is ready only when told so.
  const ingress = threadOf(`
    import { BroadcastChannel } from 'node:worker_threads';
    const channel = new BroadcastChannel('supervisor.test');
    channel.onmessage = ({ data }) => {
      if (data === 'end') process.exit(1);
      report({ type: 'ready' });
    };
    if (workerData.ports.grpc === 0) report({ type: 'ready', ports: { http: 1, grpc: 1 } });
    else channel.postMessage('back');`);
  const supervisor = make({ ingress });
  await supervisor.startIngress();
  const back = new Promise<void>((resolve) => {
    channel.onmessage = () => resolve();
  });
  channel.postMessage('end');
  await back;
  await supervisor.startShards(new Map([['shard', 1]]));
  expect([supervisor.isReady, readyCount]).toEqual([false, 0]);
  channel.postMessage('ready');
  await until('the supervisor to be ready', () => readyCount > 0);
  expect([supervisor.isReady, readyCount]).toEqual([true, 1]);
  channel.close();
});
