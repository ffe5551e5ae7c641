// Inventory in the same process: its methods are answered right here, as its gRPC server would, without the network
// between.
import { Call, type CallSource, deadlineAfter } from '../../api/call.ts';
import { failureOf, Refused } from '../../api/errors.ts';
import { Follower } from '../../api/feed/follower.ts';
import { follow } from '../../api/feed/updates.ts';
import type { InventoryDeps, InventoryMethod } from '../../api/inventory/deps.ts';
import type { InventoryCallOptions } from '../../api/inventory/port.ts';
import { type LevelChange, streamInventoryUpdates } from '../../api/inventory/updates.ts';
import { answerTo } from '../../api/method.ts';
import {
  type InventoryUpdateEvent,
  StreamInventoryUpdatesRequest,
} from '../../generated/synkro/inventory/v1/inventory.ts';
import { processNow } from '../../runtime/ask.ts';
import { Closing } from './closing.ts';
import {
  closed,
  type InventoryConnection,
  type InventoryUpdates,
  notInTime,
  readOptions,
} from './connection.ts';
import { Following, ResumePoint } from './following.ts';
import { asTold } from './told-failure.ts';

/** @param follower reads the journal for all update streams; one of its own unless given */
export function inProcess(deps: InventoryDeps, follower?: Follower<LevelChange>): InventoryConnection {
  return new InProcess(deps, follower ?? new Follower({ ...deps, project: streamInventoryUpdates.project }));
}

class InProcess implements InventoryConnection {
  readonly #deps: InventoryDeps;
  readonly #follower: Follower<LevelChange>;
  readonly #closing = new Closing();

  constructor(deps: InventoryDeps, follower: Follower<LevelChange>) {
    this.#deps = deps;
    this.#follower = follower;
  }

  async call<Request, Response>(
    method: InventoryMethod<Request, Response>,
    request: Request,
    options: InventoryCallOptions,
  ): Promise<Response> {
    const { waitMs, key } = readOptions(options);
    const begunAt = processNow();
    const observe = (outcome: string) =>
      this.#deps.observe(method.name, outcome, (processNow() - begunAt) / 1_000);
    try {
      const call = new Call(method.name, this.#deps, sourceOf(begunAt + waitMs, key));
      const response = await within(waitMs, this.#closing, () => answerTo(method, request, call));
      observe(method.outcomeOf?.(response) ?? 'ok');
      return response;
    } catch (thrown) {
      const refused = refusedOf(thrown, this.#deps, method.name);
      observe(refused.failure.code);
      throw refused;
    }
  }

  updates(): InventoryUpdates {
    return new UpdatesInProcess(this.#deps, this.#follower, this.#closing);
  }

  async close(): Promise<void> {
    this.#closing.close();
  }
}

const { name } = streamInventoryUpdates;

class UpdatesInProcess implements InventoryUpdates {
  readonly #deps: InventoryDeps;
  readonly #follower: Follower<LevelChange>;
  readonly #closing: Closing;
  readonly #point = new ResumePoint();

  constructor(deps: InventoryDeps, follower: Follower<LevelChange>, closing: Closing) {
    this.#deps = deps;
    this.#follower = follower;
    this.#closing = closing;
  }

  async follow(
    signal: AbortSignal,
    onEvent: (event: InventoryUpdateEvent) => void | Promise<void>,
    onBegin: () => void,
  ): Promise<void> {
    const following = new Following(this.#point, onEvent, onBegin);
    const ending = new AbortController();
    const callOff = this.#closing.onClose(() => ending.abort());
    const begunAt = processNow();
    let outcome = 'cancelled';
    try {
      await this.#run(following, AbortSignal.any([signal, ending.signal]));
      throw new Refused(closed);
    } catch (thrown) {
      if (following.thrown !== null) throw following.thrown.error;
      if (signal.aborted) return;
      const refused = refusedOf(thrown, this.#deps, name);
      outcome = refused.failure.code;
      this.#point.broke(refused);
      throw refused;
    } finally {
      callOff();
      this.#deps.observe(name, outcome, (processNow() - begunAt) / 1_000);
    }
  }

  async #run(following: Following, ending: AbortSignal): Promise<void> {
    if (ending.aborted) return;
    const request = StreamInventoryUpdatesRequest.create({ resumeToken: this.#point.token });
    const call = new Call(name, this.#deps, sourceOf(deadlineAfter(Number.POSITIVE_INFINITY), ''));
    const sink = { begin() {}, deliver: (event: InventoryUpdateEvent) => following.take(event) };
    await follow(streamInventoryUpdates, request, call, this.#follower, sink, ending);
  }
}

/** What ended it as a caller over gRPC would be told it. */
function refusedOf(thrown: unknown, deps: InventoryDeps, method: string): Refused {
  return new Refused(asTold(failureOf(thrown, { log: deps.log, newId: deps.newId, method })));
}

function sourceOf(deadline: number, idempotencyKey: string): CallSource {
  // How old a list is at most is of no use to a caller within: it asks actors where that matters.
  return { deadline, idempotencyKey, sendAsOf() {} };
}

/** What the task answers, if it does so in time; it is not waited for any longer. @throws Refused */
function within<T>(waitMs: number, closing: Closing, task: () => Promise<T>): Promise<T> {
  if (closing.isClosed) return Promise.reject(new Refused(closed));
  if (waitMs <= 0) return Promise.reject(new Refused(notInTime));
  return new Promise((resolve, reject) => {
    const settle = (end: () => void) => {
      clearTimeout(timer);
      callOff();
      end();
    };
    const timer = setTimeout(() => settle(() => reject(new Refused(notInTime))), waitMs);
    const callOff = closing.onClose(() => settle(() => reject(new Refused(closed))));
    task().then(
      (answer) => settle(() => resolve(answer)),
      (thrown: unknown) => settle(() => reject(thrown)),
    );
  });
}
