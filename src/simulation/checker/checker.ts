// All checks of one run. It sees what the database commits at the instant at which it does, and every reply at the
// instant at which it is let out.
import type { Behaviours, Reply } from '../../actors/behaviour.ts';
import type { WarehouseState } from '../../actors/inventory/warehouse/model.ts';
import { isObject } from '../../actors/shape.ts';
import type { JournalRow, SnapshotWrite } from '../../runtime/store.ts';
import type { Database, DatabaseWatcher } from '../engine/database.ts';
import { type Call, type History, outcomeOf, type Try } from '../workload/history.ts';
import { Answers } from './answers.ts';
import { checkConservation, isOrderState } from './conservation.ts';
import { Effects } from './effects.ts';
import { type FoldedEvent, Journal, stateOf } from './journal.ts';
import { isLevelChange, Levels } from './levels.ts';
import { Orders } from './orders.ts';
import { Snapshots } from './snapshots.ts';
import type { Verdict } from './verdict.ts';

export class Checker implements DatabaseWatcher {
  readonly verdict: Verdict;
  readonly journal: Journal;
  readonly levels: Levels;
  readonly #database: Database;
  readonly #history: History;
  readonly #orders: Orders;
  readonly #effects: Effects;
  readonly #snapshots: Snapshots;
  readonly #answers: Answers;

  constructor(behaviours: Behaviours, database: Database, history: History, verdict: Verdict) {
    this.verdict = verdict;
    this.#database = database;
    this.#history = history;
    this.journal = new Journal(behaviours, verdict);
    this.levels = new Levels(verdict);
    this.#orders = new Orders(verdict, history);
    this.#effects = new Effects(verdict, history);
    this.#snapshots = new Snapshots(verdict, this.journal, database);
    this.#answers = new Answers(verdict, this.journal, this.levels);
  }

  appended(rows: readonly JournalRow[]): void {
    const { now } = this.#database;
    for (const { at, shard, seq } of rows) {
      this.verdict.check(
        'I5',
        at <= now,
        () => `shard ${shard}, row ${seq}: a thread's clock is ${at - now} ms ahead of the database's`,
      );
    }
    const touched = new Set<string>();
    for (const folded of this.journal.append(rows)) {
      this.levels.changed(folded, this.journal.commits);
      this.#orders.changed(folded);
      this.#effects.changed(folded);
      const order = orderOf(folded);
      if (order !== null) touched.add(order);
    }
    for (const orderId of touched) this.#conserves(orderId);
  }

  snapshot(write: SnapshotWrite): void {
    this.#snapshots.written(write);
  }

  released(call: Call, one: Try, reply: Reply): void {
    this.#answers.released(call, one, reply);
  }

  repeated(call: Call, reply: Reply): void {
    this.#answers.repeated(call, reply);
  }

  /** What keeps the world from being at rest, according to the journal. */
  get pending(): string[] {
    const { now } = this.#database;
    const pending = this.journal.unanswered.map((message) => `message ${message} has no answer`);
    for (const actor of this.journal.actors) {
      const state = stateOf(actor);
      if (isOrderState(state)) {
        if (state.operation !== null)
          pending.push(`order ${actor.ref.id}: ${state.operation.kind} in flight`);
        for (const { status, expiresAt, number } of state.attempts) {
          if (status === 'held' && expiresAt < now)
            pending.push(
              `order ${actor.ref.id}: attempt ${number} should have expired ${now - expiresAt} ms ago`,
            );
        }
      } else if (isSpreading(state)) pending.push(`warehouse ${actor.ref.id}: a change is being spread`);
    }
    return pending;
  }

  /** At rest: nothing is left over anywhere, tables and journal agree, and refused calls have had no effect. */
  atRest(): void {
    for (const orderId of this.levels.orderIds) {
      this.#conserves(orderId);
      const state = this.journal.state({ kind: 'order', id: orderId });
      this.verdict.check(
        'I6',
        isOrderState(state),
        () => `cells hold for order ${orderId}, which does not exist`,
      );
    }
    for (const actor of this.journal.actors) {
      const stored = this.#database.stored(actor.ref);
      const last = actor.moments.at(-1);
      this.verdict.check(
        'I3',
        (stored?.seq ?? 0) <= (last?.seq ?? 0),
        () => `${actor.ref.kind} ${actor.ref.id}: its row is ahead of the journal`,
      );
    }
    for (const { text } of this.journal.ledger.filter(
      (each) => each.seq <= this.#database.snapshotSeq(each.shard),
    )) {
      this.verdict.check('I2', this.#database.ledger.has(text), () => `the ledger lacks ${text}`);
    }
    const known = new Set(this.journal.ledger.map(({ text }) => text));
    for (const text of this.#database.ledger) {
      this.verdict.check('I9', known.has(text), () => `the ledger has ${text}, and the journal does not`);
    }
    this.#refusedWithoutEffect();
  }

  #refusedWithoutEffect(): void {
    for (const call of this.#history.calls) {
      const { command } = call.asked;
      if (!('reference' in command) || call.tries.length === 0) continue;
      const isRefused = call.tries.every(({ reply }) => outcomeOf(reply) === 'refused');
      if (!isRefused) continue;
      this.verdict.check(
        'I9',
        this.#effects.changes(command.reference) === 0,
        () => `call ${call.id} was refused, and has had an effect`,
        () => ({ call }),
      );
    }
  }

  #conserves(orderId: string): void {
    const state = this.journal.state({ kind: 'order', id: orderId });
    if (isOrderState(state)) checkConservation(orderId, state, this.levels.of(orderId), this.verdict);
  }
}

/** The order that an event is about. */
function orderOf({ ref, event }: FoldedEvent): string | null {
  if (ref.kind === 'order') return ref.id;
  if (ref.kind !== 'item' || !isLevelChange(event)) return null;
  const { cause, reference } = event;
  return withoutOrder.has(cause) ? null : reference;
}

const withoutOrder: ReadonlySet<string> = new Set(['created', 'adjusted', 'transferred', 'deleted']);

function isSpreading(state: unknown): state is WarehouseState {
  return isObject(state) && 'spread' in state && state['spread'] !== null;
}
