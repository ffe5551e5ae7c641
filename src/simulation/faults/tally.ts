// Counts the faults of a run, and says whether there may be any at all: after healing there are none.

export type FaultKind =
  | 'statement rejected'
  | 'statement unknown, without effect'
  | 'statement unknown, with effect'
  | 'statement late'
  | 'database away'
  | 'message lost'
  | 'message repeated'
  | 'message overtook'
  | 'client message lost'
  | 'process killed'
  | 'process stopped'
  | 'process stopped cleanly'
  | 'thread killed'
  | 'ownership taken away';

export class Faults {
  readonly counts = new Map<FaultKind, number>();
  #isOn = false;

  get isOn(): boolean {
    return this.#isOn;
  }

  begin(): void {
    this.#isOn = true;
  }

  heal(): void {
    this.#isOn = false;
  }

  note(kind: FaultKind): void {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
  }

  get total(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }
}
