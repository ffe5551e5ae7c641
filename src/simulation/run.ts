// One run: a world, its clients and its nemesis from one seed; then everything heals and has to come to rest; then the
// books are checked and every answer is asked for again, before and after a restart.
import type { Reply } from '../actors/behaviour.ts';
import { InvariantViolation } from '../actors/behaviour.ts';
import { inventoryBehaviours } from '../actors/inventory/behaviours.ts';
import { silentObserver } from '../runtime/observer.ts';
import { Checker } from './checker/checker.ts';
import { Verdict, type Violation } from './checker/verdict.ts';
import { Database } from './engine/database.ts';
import { Random } from './engine/random.ts';
import { Scheduler } from './engine/scheduler.ts';
import { World } from './engine/world.ts';
import { type Planned, planNemesis } from './faults/nemesis.ts';
import { drawSwarm, type Swarm } from './faults/swarm.ts';
import { type FaultKind, Faults } from './faults/tally.ts';
import { Story } from './story.ts';
import { Client } from './workload/client.ts';
import { createItem, type Drawn, drawCall, type Known } from './workload/draw.ts';
import { type Call, History, outcomeOf, type Try } from './workload/history.ts';

export const shardCount = 4;

export interface RunOptions {
  /** Calls of clients; at least 200 make a run that counts. */
  readonly calls: number;
}

export interface RunResult {
  readonly seed: number;
  readonly operations: { readonly ok: number; readonly refused: number; readonly unknown: number };
  readonly tries: number;
  readonly faults: ReadonlyMap<FaultKind, number>;
  /** Processes and threads that were killed. */
  readonly crashes: number;
  readonly checks: ReadonlyMap<string, number>;
  readonly violations: readonly Violation[];
  /** Digest of everything that was committed and answered: the same for the same seed and code. */
  readonly hash: string;
  readonly simulatedMs: number;
  readonly events: number;
  /** What happened, for whoever reads a failure: the last of it. */
  readonly story: readonly string[];
}

export const defaultRunOptions: RunOptions = { calls: 220 };

/** How long the setting up may take, and the work of the clients; both far more than they need. */
const setupMsMax = 60_000;
const workMsMax = 600_000;
/** After healing all has to come to rest within so long (I16, I5). */
export const restMsMax = 10_000;

/** @throws whatever goes wrong in the simulator itself: that is no verdict on what it simulates */
export async function runSimulation(
  seed: number,
  options: RunOptions = defaultRunOptions,
): Promise<RunResult> {
  return new Simulation(seed, options).run();
}

class Simulation {
  readonly #seed: number;
  readonly #options: RunOptions;
  readonly #random: Random;
  readonly #swarm: Swarm;
  readonly #scheduler: Scheduler;
  readonly #database: Database;
  readonly #faults = new Faults();
  readonly #history = new History();
  readonly #verdict: Verdict;
  readonly #checker: Checker;
  readonly #story: Story;
  readonly #world: World;
  readonly #plan: Planned[];
  readonly #known: Omit<Known, 'unique'>;
  #calls = 0;
  #clientsLeft = 0;

  constructor(seed: number, options: RunOptions) {
    this.#seed = seed;
    this.#options = options;
    this.#random = new Random(seed);
    this.#swarm = drawSwarm(this.#random.fork('swarm'));
    this.#scheduler = new Scheduler(this.#random.fork('scheduler'));
    const startedAt = 1_700_000_000_000 + this.#random.int(0, 1_000_000);
    this.#database = new Database(shardCount, () => startedAt + this.#scheduler.now);
    this.#verdict = new Verdict(() => this.#scheduler.now);
    this.#checker = new Checker(inventoryBehaviours, this.#database, this.#history, this.#verdict);
    this.#story = new Story(() => this.#scheduler.now);
    this.#database.watcher = this.#story.watch(this.#checker);
    this.#plan = planNemesis(this.#random.fork('nemesis'), options.calls);
    this.#known = this.#names();
    this.#world = new World({
      scheduler: this.#scheduler,
      random: this.#random.fork('world'),
      database: this.#database,
      behaviours: inventoryBehaviours,
      swarm: this.#swarm,
      faults: this.#faults,
      shardCount,
      observer: { ...silentObserver, log: (level, message, facts) => this.#story.log(level, message, facts) },
      onFatal: (error) => this.#fatal(error),
    });
  }

  async run(): Promise<RunResult> {
    await this.#setUp();
    this.#faults.begin();
    await this.#work();
    await this.#crashAtLeastOnce();
    this.#faults.heal();
    this.#world.heal();
    if (!this.#hasFailed) await this.#rest('after healing');
    await this.#repeatEverything();
    if (!this.#hasFailed) {
      this.#story.tell('another process takes over, and everything is asked again');
      this.#world.startAfresh();
      await this.#rest('after a restart');
    }
    await this.#repeatEverything();
    if (!this.#hasFailed) this.#checker.atRest();
    return this.#result();
  }

  get #hasFailed(): boolean {
    return this.#verdict.violations.length > 0;
  }

  #names(): Omit<Known, 'unique'> {
    const numbered = (name: string, count: number): string[] =>
      Array.from({ length: count }, (_, index) => `${name}-${index}`);
    return {
      items: numbered('item', this.#swarm.items),
      warehouses: numbered('warehouse', 3),
      orders: numbered('order', Math.max(8, Math.floor(this.#options.calls / 8))),
    };
  }

  async #setUp(): Promise<void> {
    const { items, warehouses } = this.#known;
    const drawn: Drawn[] = warehouses.map((id, priority) => ({
      ref: { kind: 'warehouse', id },
      asked: {
        kind: 'warehouse',
        command: { type: 'create', name: id, location: '', customerId: '', priority },
      },
      receipt: null,
    }));
    for (const each of drawn) await this.#insist(each, setupMsMax);
    for (const sku of items) {
      const command = createItem(sku, warehouses, this.#swarm.stock);
      await this.#insist(
        { ref: { kind: 'item', id: sku }, asked: { kind: 'item', command }, receipt: null },
        setupMsMax,
      );
    }
  }

  /** Asks the owner until it has an answer. */
  async #insist({ ref, asked, receipt }: Drawn, limitMs: number): Promise<void> {
    let isAnswered = false;
    this.#ask(this.#history.add(-1, ref, asked, receipt), () => {
      isAnswered = true;
    });
    await this.#scheduler.run(() => isAnswered || this.#hasFailed, limitMs);
  }

  #ask(call: Call, answered: (reply: Reply) => void): void {
    const one = this.#startTry(call);
    this.#world.ask(this.#world.owner, call, restMsMax, (reply) => {
      this.#released(call, one, reply);
      if (outcomeOf(reply) !== 'unknown') answered(reply);
      else this.#scheduler.after(20, () => this.#ask(call, answered));
    });
  }

  async #work(): Promise<void> {
    const draws = this.#random.fork('draws');
    const { clients } = this.#swarm;
    this.#clientsLeft = clients;
    for (let number = 0; number < clients; number++) this.#client(number, draws.fork(`client ${number}`));
    const ended = await this.#scheduler.run(() => this.#clientsLeft === 0 || this.#hasFailed, workMsMax);
    if (ended !== 'done') this.#verdict.violated('I16', `the clients did not come to an end: ${ended}`);
  }

  #client(number: number, random: Random): void {
    const { scheduler, swarm } = { scheduler: this.#scheduler, swarm: this.#swarm };
    const client = new Client({
      scheduler,
      random,
      thinkMs: swarm.thinkMs,
      next: () => {
        if (this.#calls >= this.#options.calls || this.#hasFailed) return undefined;
        const unique = String(++this.#calls);
        this.#befall();
        const { ref, asked, receipt } = drawCall(random, swarm, { ...this.#known, unique });
        return this.#history.add(number, ref, asked, receipt);
      },
      send: (call, timeoutMs, started, reply) => this.#send(random, call, timeoutMs, started, reply),
      over: () => {
        this.#clientsLeft--;
      },
    });
    client.start();
  }

  /** Over the network between a client and whichever process it takes for the owner. */
  #send(
    random: Random,
    call: Call,
    timeoutMs: number,
    started: (one: Try) => void,
    reply: (reply: Reply) => void,
  ): void {
    const process = this.#world.anyProcess(random);
    const one = this.#startTry(call);
    started(one);
    const isLost = (): boolean => {
      const lost = this.#faults.isOn && random.chance(this.#swarm.odds.clientLost);
      if (lost) this.#faults.note('client message lost');
      return lost;
    };
    if (isLost()) return;
    this.#scheduler.after(random.exponential(this.#swarm.latency.messageMs), () => {
      this.#world.ask(process, call, timeoutMs, (answer) => {
        this.#released(call, one, answer);
        if (isLost()) return;
        this.#scheduler.after(random.exponential(this.#swarm.latency.messageMs), () => reply(answer));
      });
    });
  }

  #startTry(call: Call): Try {
    const one: Try = {
      number: ++this.#history.tries,
      askedAt: this.#scheduler.now,
      askedAtCommit: this.#checker.journal.commits,
      reply: null,
      endedAt: null,
    };
    call.tries.push(one);
    this.#story.asked(call, one);
    return one;
  }

  #released(call: Call, one: Try, reply: Reply): void {
    this.#story.answered(call, one, reply);
    this.#checker.released(call, one, reply);
  }

  #befall(): void {
    for (
      let next = this.#plan[0];
      next !== undefined && next.afterCalls <= this.#calls;
      next = this.#plan[0]
    ) {
      this.#plan.shift();
      this.#story.tell(`nemesis: ${next.act}`);
      this.#world.befall(next.act);
    }
  }

  /** The plan has a crash, but the clients may have been done before it came. */
  async #crashAtLeastOnce(): Promise<void> {
    if (this.#hasFailed || (this.#faults.counts.get('process killed') ?? 0) > 0) return;
    this.#world.strike('killProcess');
    await this.#scheduler.run(() => this.#world.owner.isServing, 1_000);
  }

  async #rest(when: string): Promise<void> {
    const ended = await this.#scheduler.run(() => this.#hasFailed || this.#pending().length === 0, restMsMax);
    if (ended !== 'done') {
      const pending = this.#pending();
      const late = pending.some((each) => each.includes('should have expired'));
      this.#verdict.violated(late ? 'I5' : 'I16', `not at rest ${restMsMax} ms ${when}`, { pending });
    }
  }

  #pending(): string[] {
    const { owner } = this.#world;
    if (!owner.isServing) return ['the owner does not serve'];
    const threads = owner.threads.flatMap(({ stats }) =>
      stats.inbox > 0 || stats.parked > 0 || stats.snapshotLagRows > 0
        ? [`a thread has ${JSON.stringify(stats)}`]
        : [],
    );
    return threads.length > 0 ? threads : this.#checker.pending;
  }

  /** I8: what clients were told is there, and said again. Reads are compared with the journal as they are answered. */
  async #repeatEverything(): Promise<void> {
    if (this.#hasFailed) return;
    const asked = this.#history.calls.filter(isWorthRepeating);
    const answers = new Map<Call, Reply>();
    for (const call of asked) this.#ask(call, (reply) => answers.set(call, reply));
    await this.#scheduler.run(() => answers.size === asked.length || this.#hasFailed, restMsMax);
    for (const call of asked) {
      const answer = answers.get(call);
      if (answer === undefined)
        this.#verdict.violated('I16', `call ${call.id} is not answered after healing`);
      else if (call.asked.command.type !== 'get') this.#checker.repeated(call, answer);
    }
  }

  #fatal(error: unknown): void {
    if (error instanceof InvariantViolation) {
      this.#verdict.violated(error.invariant, `a thread stopped: ${error.message}`, { stack: error.stack });
    } else {
      this.#verdict.violated('fault', `a thread stopped: ${String(error)}`, {
        stack: error instanceof Error ? error.stack : undefined,
      });
    }
  }

  #result(): RunResult {
    const operations = { ok: 0, refused: 0, unknown: 0 };
    for (const { tries, client } of this.#history.calls) {
      if (client < 0) continue;
      const known = tries.findLast(({ reply }) => outcomeOf(reply) !== 'unknown');
      operations[outcomeOf(known?.reply ?? null)]++;
    }
    const { counts } = this.#faults;
    return {
      seed: this.#seed,
      operations,
      tries: this.#history.tries,
      faults: counts,
      crashes: (counts.get('process killed') ?? 0) + (counts.get('thread killed') ?? 0),
      checks: this.#verdict.checks,
      violations: this.#verdict.violations,
      hash: this.#story.hash,
      simulatedMs: this.#scheduler.now,
      events: this.#scheduler.events,
      story: this.#hasFailed ? this.#story.last : [],
    };
  }
}

/** Reads, and whatever has a key and an answer. */
function isWorthRepeating({ asked, receipt, tries }: Call): boolean {
  if (asked.command.type === 'get') return true;
  const isKeyed = receipt !== null || asked.command.type === 'reserve';
  return isKeyed && tries.some(({ reply }) => reply !== null && 'ok' in reply);
}
