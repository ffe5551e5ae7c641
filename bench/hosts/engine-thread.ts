// A thread in the place of a shard thread: it takes asks from the ingress, and answers them by other means.
import { parentPort, workerData } from 'node:worker_threads';
import type { Reply } from '../../src/actors/behaviour.ts';
import { startBeating } from '../../src/runtime/threads/beat.ts';
import { Link } from '../../src/runtime/threads/link.ts';
import type { Ask, Control, Report, ShardToIngress } from '../../src/runtime/threads/messages.ts';

/** What the supervisor gives to each such thread, among more. */
export interface EngineData {
  readonly databaseUrl: string;
  readonly poolSize: number;
  /** Of orders. */
  readonly stockPoolSize?: number;
  readonly beats: Int32Array;
  readonly beatIntervalMs: number;
}

export const engineData: EngineData = workerData;

/** @param answer never rejects; @param close is called once, when nothing is asked any more */
export function serveAsks(answer: (ask: Ask) => Reply | Promise<Reply>, close: () => Promise<void>): void {
  startBeating(engineData.beats, engineData.beatIntervalMs);
  parentPort?.on('message', (message: Control) => {
    if (message.type === 'connect') {
      const link: Link<ShardToIngress, Ask> = new Link(message.port, async (ask) => {
        link.send({ type: 'reply', id: ask.id, reply: await answer(ask) });
      });
    } else if (message.type === 'drain') report({ type: 'drained' });
    else if (message.type === 'stop') void close().then(() => process.exit(0));
  });
  report({ type: 'ready' });
}

function report(message: Report): void {
  parentPort?.postMessage(message);
}
