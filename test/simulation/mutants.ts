// The simulator is tested by mutants: each takes away one thing that the runtime or the actors rest on, and the
// simulator must find out, by an invariant, within a stated number of seeds.

export interface Patch {
  readonly file: string;
  /** Must stand in the file exactly once. */
  readonly search: string;
  readonly replace: string;
}

export interface Mutant {
  readonly name: string;
  /** Within a few seeds: cheap enough for every test run. */
  readonly isCaughtSoon: boolean;
  readonly patches: readonly Patch[];
}

const database = 'src/simulation/engine/database.ts';
const gate = 'src/runtime/gate.ts';
const turn = 'src/runtime/turn.ts';
const recovery = 'src/runtime/recovery.ts';
const reservation = 'src/actors/inventory/order-stock/reservation.ts';
const answered = 'src/actors/inventory/order-stock/answered.ts';

export const mutants: readonly Mutant[] = [
  {
    name: 'no fence: a claim does not raise the epoch',
    isCaughtSoon: false,
    patches: [{ file: database, search: '        row.epoch++;\n', replace: '' }],
  },
  {
    name: 'no fence: an append heeds neither epoch nor key',
    isCaughtSoon: true,
    patches: [
      { file: database, search: 'row.epoch === epoch && seq > row.trimmedTo', replace: 'true' },
      {
        file: database,
        search: "if (rows.some(({ shard, seq }) => this.#rowsOf(shard).has(seq))) return 'conflict';",
        replace: '',
      },
    ],
  },
  {
    name: 'the gate opens before the append',
    isCaughtSoon: true,
    patches: [
      {
        file: gate,
        search: '  const startedAt = host.clock.monotonic();\n',
        replace:
          '  const startedAt = host.clock.monotonic();\n  for (const { caller, reply } of cut.replies) caller.reply(reply);\n',
      },
    ],
  },
  {
    name: 'an answer leaves without the epochs being confirmed',
    isCaughtSoon: false,
    patches: [
      {
        file: gate,
        search: 'cut.readFrom.length === 0 ? Promise.resolve(true) : confirm(host, cut)',
        replace: 'Promise.resolve(true)',
      },
    ],
  },
  {
    name: 'an append in conflict counts as appended',
    isCaughtSoon: false,
    patches: [
      { file: gate, search: "appended.value !== 'appended'", replace: "appended.value === 'fenced'" },
    ],
  },
  {
    name: 'a message is sent before its cause is durable',
    isCaughtSoon: true,
    patches: [
      {
        file: turn,
        search: '    this.#memory.batch.sent(shard, message.to, sent.n);\n',
        replace:
          "    this.#memory.batch.sent(shard, message.to, sent.n);\n    if (!this.#memory.shards.has(message.to)) this.#host.send({ type: 'message', from: shard.number, to: message.to, sent });\n",
      },
    ],
  },
  {
    name: 'messages are not deduplicated',
    isCaughtSoon: true,
    patches: [{ file: turn, search: 'if (sent.n <= channel.applied) {', replace: 'if (sent.n < 0) {' }],
  },
  {
    name: 'a kept answer is forgotten at once',
    isCaughtSoon: true,
    patches: [
      {
        file: 'src/runtime/channels.ts',
        search: 'for (const { from, n, answer } of record.answers) this.#in(from).answers.set(n, answer);',
        replace: '',
      },
    ],
  },
  {
    name: 'an answer is acknowledged before it is recorded',
    isCaughtSoon: true,
    patches: [
      {
        file: turn,
        search: '    this.#memory.batch.settled(shard, from, n);\n',
        replace:
          "    this.#memory.batch.settled(shard, from, n);\n    if (!this.#memory.shards.has(from)) this.#host.send({ type: 'acknowledge', from: shard.number, to: from, n });\n",
      },
    ],
  },
  {
    name: 'a message is applied in part where one of its parts is refused',
    isCaughtSoon: true,
    patches: [
      {
        file: turn,
        search: '    for (const [actor, state] of before) if (refused) actor.state = state;\n',
        replace: '',
      },
      { file: turn, search: '    if (refused) return { refused, replies };\n', replace: '' },
    ],
  },
  {
    name: 'the undo is skipped',
    isCaughtSoon: true,
    patches: [
      {
        file: answered,
        search: "return { type: 'abandoned', attempt: number, undo };",
        replace: "return { type: 'abandoned', attempt: number, undo: [] };",
      },
      {
        file: answered,
        search: "return { type: 'refused', attempt: number, undo, short };",
        replace: "void undo; return { type: 'refused', attempt: number, undo: [], short };",
      },
      {
        file: answered,
        search: "      outcome.type === 'held'\n        ? []",
        replace: "      outcome.type !== 'nothing'\n        ? []",
      },
    ],
  },
  {
    name: 'a commit does not ask whether the time is over',
    isCaughtSoon: true,
    patches: [
      {
        file: reservation,
        search: '  if (isOverdue(attempt, context.now)) return expireFirst(state, attempt, context);\n',
        replace: '',
      },
    ],
  },
  {
    name: 'a timer expires a hold without asking the state',
    isCaughtSoon: true,
    patches: [
      {
        file: turn,
        search: 'if (dueAt === null || dueAt > this.#host.now()) {',
        replace: 'if (dueAt === undefined) {',
      },
      {
        file: reservation,
        search: 'if (state.operation !== null || last === null || !isOverdue(last, context.now)) return {};',
        replace: 'if (state.operation !== null || last === null) return {};',
      },
    ],
  },
  {
    name: 'due times are not read when a shard comes up',
    isCaughtSoon: true,
    patches: [
      {
        file: 'src/runtime/upkeep.ts',
        search: '      else this.#memory.schedule.push(',
        replace: '      else if (dueAt < 0) this.#memory.schedule.push(',
      },
    ],
  },
  {
    name: 'a snapshot is ahead of the journal: the state of now instead of the cut',
    isCaughtSoon: true,
    patches: [
      {
        file: 'src/runtime/snapshotter.ts',
        search: 'function toRow({ resident, state, seq }: Unsaved): SnapshotRow {\n',
        replace: 'function toRow({ resident, seq }: Unsaved): SnapshotRow {\n  const { state } = resident;\n',
      },
    ],
  },
  {
    name: 'a snapshot moves the position with its first rows instead of its last',
    isCaughtSoon: true,
    patches: [
      {
        file: 'src/runtime/snapshotter.ts',
        search: 'const isLast = chunk === chunks - 1;',
        replace: 'const isLast = chunk === 0;',
      },
    ],
  },
  {
    name: 'an actor is dropped from memory before its snapshot',
    isCaughtSoon: true,
    patches: [
      {
        file: 'src/runtime/residents.ts',
        search: '!resident.isSaved || ',
        replace: '',
      },
    ],
  },
  {
    name: 'a row goes back to an older state',
    isCaughtSoon: true,
    patches: [
      {
        file: database,
        search: '      if ((this.#actors.get(key)?.seq ?? -1) >= seq) continue;\n',
        replace: '',
      },
      { file: database, search: "if (!this.confirm(write.heads)) return 'fenced';", replace: '' },
    ],
  },
  {
    name: 'recovery applies what the row has already',
    isCaughtSoon: true,
    patches: [{ file: recovery, search: '  if (seq <= resident.savedSeq) return;\n', replace: '' }],
  },
  {
    name: 'receipts are not kept',
    isCaughtSoon: true,
    patches: [
      {
        file: turn,
        search: "request.receipt.isCheckOnly !== true && 'ok' in decision.reply)",
        replace: "request.receipt.isCheckOnly !== true && 'nothing' in decision.reply)",
      },
    ],
  },
  {
    name: 'a second append in flight',
    isCaughtSoon: true,
    patches: [
      {
        file: 'src/runtime/shard-thread.ts',
        search: 'if (memory === undefined || this.#appending !== undefined || memory.batch.isEmpty) return;',
        replace: 'if (memory === undefined || memory.batch.isEmpty) return;',
      },
    ],
  },
];
