// What a shard thread tells those who watch it. Nothing here may hold it up.
import type { Cut } from './batch.ts';

export interface Observer {
  /** A batch has been made durable, in so many milliseconds. */
  appended(cut: Cut, milliseconds: number): void;
  /** Everything of the shard up to `seq` may be seen. */
  durable(shard: number, seq: number): void;
  turn(work: number): void;
  snapshotWritten(rows: number, milliseconds: number): void;
  recovered(milliseconds: number, rows: number): void;
  /** Something worth a line in the log. */
  log(level: 'info' | 'warn' | 'error', message: string, facts: Readonly<Record<string, unknown>>): void;
}

export const silentObserver: Observer = {
  appended() {},
  durable() {},
  turn() {},
  snapshotWritten() {},
  recovered() {},
  log() {},
};
