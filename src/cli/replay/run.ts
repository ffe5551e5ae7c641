// One replay from end to end: require an empty service, load the catalogue, play the records, read every level back,
// and report. Shared by `replay` and `demo`; does not start a service.
import { InventoryServiceService as inventory } from '../../generated/synkro/inventory/v1/inventory.ts';
import { CallError, connect, type InventoryCaller } from '../client.ts';
import { count, type Io } from '../io.ts';
import { channelsMax, examplesMax, levelSkusMax } from '../limits.ts';
import { countLines } from '../lines.ts';
import { CommandError } from '../options.ts';
import { Progress } from '../progress.ts';
import { Books } from './books.ts';
import { loadCatalogue, requireEmpty } from './load.ts';
import type { ReplayOptions } from './options.ts';
import { doneRecords, newTally, play, type Tally } from './play.ts';
import { type AuditFindings, reportLines, succeeded } from './report.ts';

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
  caller: InventoryCaller,
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
  const [returnsWarehouseId] = loaded.warehouseIds;
  if (returnsWarehouseId === undefined) throw new CommandError('no warehouse was created');
  const tally = newTally();
  const startedAt = performance.now();
  const progress = new Progress(io, 'replay', (elapsedMs) => progressState(tally, records, elapsedMs));
  problems.progress = progress;
  try {
    await play(caller, books, tally, {
      orders: options.orders,
      limit: options.limit,
      concurrency: options.concurrency,
      returnsWarehouseId,
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

function progressState(tally: Tally, records: number, elapsedMs: number) {
  const done = doneRecords(tally);
  const { fulfilled, refused, failed } = tally.orders;
  const rate = ((fulfilled + refused + failed) * 1_000) / Math.max(1, elapsedMs);
  const text = `${count(done)}/${count(records)} records, ${count(rate)} orders/s`;
  return { done, total: records, text };
}

async function closeBooks(caller: InventoryCaller, books: Books): Promise<void> {
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
