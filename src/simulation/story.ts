// The story of a run: a digest of everything that was committed and answered, and its last lines for whoever has to
// find out what went wrong.
import { createHash } from 'node:crypto';
import type { Reply } from '../actors/behaviour.ts';
import type { JournalRow, SnapshotWrite } from '../runtime/store.ts';
import type { DatabaseWatcher } from './engine/database.ts';
import type { Call, Try } from './workload/history.ts';

const linesKeptMax = 400;

export class Story {
  readonly #now: () => number;
  readonly #hash = createHash('sha1');
  #lines: (() => string)[] = [];
  #digest: string | undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  get hash(): string {
    this.#digest ??= this.#hash.digest('hex');
    return this.#digest;
  }

  get last(): string[] {
    return this.#lines.slice(-linesKeptMax).map((line) => line());
  }

  tell(text: string): void {
    this.#line(() => text);
  }

  log(level: string, message: string, facts: Readonly<Record<string, unknown>>): void {
    this.#line(() => `  (${level}) ${message} ${JSON.stringify(facts, errorsAsText)}`);
  }

  asked({ id, client, ref, asked, receipt }: Call, one: Try): void {
    this.#hash.update(`?${id}/${one.number}`);
    const { command } = asked;
    this.#line(
      () =>
        `call ${id}, try ${one.number}: client ${client} asks ${ref.kind} ${ref.id} ${JSON.stringify(command)}${receipt === null ? '' : ` key ${receipt.key}`}`,
    );
  }

  answered({ id }: Call, one: Try, reply: Reply): void {
    const text = JSON.stringify(reply);
    this.#hash.update(`!${id}/${one.number}${text}`);
    this.#line(() => `call ${id}, try ${one.number}: answered ${text}`);
  }

  /** Puts itself before another watcher. */
  watch(next: DatabaseWatcher): DatabaseWatcher {
    return {
      appended: (rows: readonly JournalRow[]) => {
        for (const { shard, seq, epoch, events } of rows) {
          this.#hash.update(`+${shard}/${seq}/${epoch}${events}`);
          this.#line(() => `journal ${shard}/${seq} epoch ${epoch}: ${events}`);
        }
        next.appended(rows);
      },
      snapshot: (write: SnapshotWrite) => {
        this.#line(() => {
          const rows = write.rows.map(({ ref, seq }) => `${ref.kind} ${ref.id}@${seq}`).join(', ');
          const heads = write.heads.map(({ shard, snapshotSeq }) => `${shard}@${snapshotSeq}`).join(', ');
          return `snapshot ${heads}: ${rows}`;
        });
        next.snapshot(write);
      },
    };
  }

  #line(text: () => string): void {
    const at = this.#now().toFixed(3);
    this.#lines.push(() => `${at} ${text()}`);
    if (this.#lines.length > linesKeptMax * 2) this.#lines = this.#lines.slice(-linesKeptMax);
  }
}

function errorsAsText(_name: string, value: unknown): unknown {
  return value instanceof Error ? String(value) : value;
}
