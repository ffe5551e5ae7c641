// One replay from end to end: require an empty service, load the catalogue, play the records, see what comes of those who
// wait, read every level back, and report. Shared by `replay` and `demo`; does not start a service.
import { InventoryServiceService as inventory } from '../../generated/synkro/inventory/v1/inventory.ts';
import { CallError, connect, type ServiceCaller } from '../client.ts';
import { count, type Io } from '../io.ts';
import { channelsMax, examplesMax, levelSkusMax } from '../limits.ts';
import { countLines } from '../lines.ts';
import { CommandError } from '../options.ts';
import { Progress } from '../progress.ts';
import { Books } from './books.ts';
import { Calls } from './calls.ts';
import { Customers } from './customers.ts';
import { type Loaded, loadCatalogue, requireEmpty } from './load.ts';
import type { ReplayOptions } from './options.ts';
import { Orders } from './orders.ts';
import { Player } from './play.ts';
import { Purchases } from './purchases.ts';
import { type AuditFindings, reportLines, succeeded } from './report.ts';
import { Returns } from './returns.ts';
import { doneRecords, newTally, ordersOf, type Tally } from './tally.ts';
import { settleWaiting } from './waiting.ts';

export interface ReplayTarget {
  /** host:port of the gRPC API. */
  readonly address: string;
  /** Recomputes the books from the database, where the caller can reach it. */
  readonly audit?: () => Promise<AuditFindings>;
}

/**
 * Prints the report to stdout.
 * @returns true where nothing was oversold and the books balance
 * @throws CommandError where the service does not answer, is not empty, or `signal` was raised
 */
export async function replay(
  target: ReplayTarget,
  options: ReplayOptions,
  signal: AbortSignal,
  io: Io,
): Promise<boolean> {
  const caller = connect(target.address, Math.min(channelsMax, options.concurrency), signal);
  try {
    return await replayWith(caller, target, options, signal, io);
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    if (signal.aborted) throw new CommandError(String(signal.reason));
    throw new CommandError(`the replay cannot go on: ${error.message}`);
  } finally {
    caller.close();
  }
}

async function replayWith(
  caller: ServiceCaller,
  target: ReplayTarget,
  options: ReplayOptions,
  signal: AbortSignal,
  io: Io,
): Promise<boolean> {
  await requireEmpty(caller, target.address);
  const records = Math.min(options.limit, await countLines(options.orders));
  const books = new Books();
  const problems = new Problems(io);
  const loaded = await loadCatalogue(caller, books, {
    catalogue: options.catalogue,
    stockFactor: options.stockFactor,
    onBadLine: (text) => problems.add(text),
  });
  const tally = newTally();
  const startedAt = performance.now();
  const progress = new Progress(io, 'replay', (elapsedMs) => progressState(tally, records, elapsedMs));
  problems.progress = progress;
  try {
    await playAll(caller, books, tally, loaded, {
      ...options,
      signal,
      onProblem: (text) => problems.add(text),
    });
  } finally {
    progress.stop();
  }
  const elapsedMs = performance.now() - startedAt;
  if (signal.aborted) throw new CommandError(String(signal.reason));
  problems.end();
  await closeBooks(caller, books);
  const result = {
    records,
    loaded,
    openedUnits: books.openedUnits,
    tally,
    elapsedMs,
    retries: caller.retries,
    books: books.result(),
    audit: await target.audit?.(),
  };
  for (const line of reportLines(result)) io.out(line);
  return succeeded(result);
}

async function playAll(
  caller: ServiceCaller,
  books: Books,
  tally: Tally,
  loaded: Loaded,
  options: ReplayOptions & { readonly signal: AbortSignal; readonly onProblem: (text: string) => void },
): Promise<void> {
  const [warehouseId] = loaded.warehouseIds;
  if (warehouseId === undefined) throw new CommandError('no warehouse was created');
  const calls = new Calls(caller, tally);
  const purchases = new Purchases();
  const { concurrency, onProblem, paymentMethod, signal } = options;
  const orders = new Orders({
    calls,
    books,
    tally,
    purchases,
    customers: new Customers(calls, tally),
    paymentMethod,
    onCancelled: ({ id }, reason) => onProblem(`order ${id}: cancelled: ${reason}`),
  });
  const returns = new Returns({ calls, books, tally, purchases, warehouseId });
  const player = new Player(orders, returns, tally, options);
  await player.play();
  const waiting = await settleWaiting(calls, orders, tally, {
    concurrency,
    signal,
    onFailure: ({ record }, error) => player.failed(record, error),
  });
  for (const { lines, orderId } of waiting) books.waits(orderId, lines);
}

function progressState(tally: Tally, records: number, elapsedMs: number) {
  const done = doneRecords(tally);
  const rate = (ordersOf(tally) * 1_000) / Math.max(1, elapsedMs);
  const text = `${count(done)}/${count(records)} records, ${count(rate)} orders/s`;
  return { done, total: records, text };
}

async function closeBooks(caller: ServiceCaller, books: Books): Promise<void> {
  const skus = books.skus();
  for (let start = 0; start < skus.length; start += levelSkusMax) {
    const { levels } = await caller.call(inventory.getInventoryLevels, {
      itemIds: [],
      skus: skus.slice(start, start + levelSkusMax),
      warehouseIds: [],
    });
    for (const level of levels) books.close(level);
  }
}

/** Spells out the first few problems and counts the rest. */
class Problems {
  readonly #io: Io;
  #count = 0;
  progress: Progress | undefined;

  constructor(io: Io) {
    this.#io = io;
  }

  add(text: string): void {
    this.#count += 1;
    if (this.#count > examplesMax) return;
    if (this.progress === undefined) this.#io.err(text);
    else this.progress.log(text);
  }

  end(): void {
    if (this.#count > examplesMax) this.#io.err(`and ${count(this.#count - examplesMax)} more of these`);
  }
}
