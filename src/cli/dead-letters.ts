// `synkro dead-letters`: what could not be handled, for whoever is on call: look, mend the cause, replay; or drop.
import type { DeadLetterOutcome, DeadLetterSelection, DeadLetters } from '../messaging/dead-letters.ts';
import { isQueueName, type QueueName, queueNames } from '../messaging/queues.ts';
import { asJson, asText, table } from './dead-letters-output.ts';
import { reachDeadLetters } from './dead-letters-reach.ts';
import { type Io, plural, processIo } from './io.ts';
import { deadLettersShownMax } from './limits.ts';
import { integerOption, parseOptions, runCommand, UsageError } from './options.ts';

export const summary = 'look at events that could not be handled, and replay or drop them';

export const help = `synkro dead-letters list|show|replay|drop --queue ${queueNames.join('|')} [options]

Events whose handler failed again and again, or which are none, are put aside with the reason; the other events go on.
  list     a line for each: its id, type and subject, when it was put aside, and why
  show     the whole of those that --id names
  replay   puts them at the end of their queue, to be handled again: once what made them fail is mended
  drop     deletes them for good
An event that is replayed comes after later ones of its subject that were handled meanwhile.

  --queue NAME   whose dead letters
  --id ID        one of them; may be given several times
  --all          replay, drop: every one of them
  --limit N      list: so many at most, the longest dead first (default 50, at most ${deadLettersShownMax})
  --json         list, show: a line of JSON for each

They are on the broker of AMQP_URL; without one in the databases, where a process that serves takes up what is to be
replayed within a second. Exit code: 0, 1 where one that --id names is not there or the broker does not
answer, 2 for a bad option.
`;

const verbs = ['list', 'show', 'replay', 'drop'] as const;
type Verb = (typeof verbs)[number];

interface Request {
  readonly verb: Verb;
  readonly queue: QueueName;
  readonly ids: readonly string[];
  readonly isAll: boolean;
  readonly limit: number;
  readonly isJson: boolean;
}

/** @param reach where they are; a parameter, so that tests have them elsewhere */
export async function run(argv: string[], io: Io = processIo, reach = reachDeadLetters): Promise<number> {
  return runCommand(
    { name: 'dead-letters', help },
    argv,
    () => {
      const request = parse(argv);
      return reach(request.queue, (letters) => perform(request, letters, io));
    },
    io,
  );
}

function parse(argv: string[]): Request {
  const { values, positionals } = parseOptions({
    args: argv,
    allowPositionals: true,
    options: {
      queue: { type: 'string' },
      id: { type: 'string', multiple: true },
      all: { type: 'boolean' },
      limit: { type: 'string' },
      json: { type: 'boolean' },
    },
  });
  const { queue, id: ids = [], all: isAll = false, limit, json: isJson = false } = values;
  const verb = verbOf(positionals);
  if (queue === undefined || !isQueueName(queue))
    throw new UsageError(`--queue must be ${queueNames.join(' or ')}`);
  if (limit !== undefined && verb !== 'list') throw new UsageError('--limit is for list');
  if (isJson && verb !== 'list' && verb !== 'show') throw new UsageError('--json is for list and show');
  checkSelection(verb, ids, isAll);
  return {
    verb,
    queue,
    ids,
    isAll,
    limit: integerOption('limit', limit ?? '50', 1, deadLettersShownMax),
    isJson,
  };
}

function verbOf(positionals: readonly string[]): Verb {
  const [first, second] = positionals;
  const verb = verbs.find((name) => name === first);
  if (verb === undefined || second !== undefined)
    throw new UsageError(
      `say one of ${verbs.join(', ')}${first === undefined ? '' : `, not '${positionals.join(' ')}'`}`,
    );
  return verb;
}

/** Which of them: nothing is replayed or dropped because an option was forgotten. */
function checkSelection(verb: Verb, ids: readonly string[], isAll: boolean): void {
  if (ids.includes('')) throw new UsageError('--id must not be empty');
  if (verb === 'list') {
    if (ids.length > 0 || isAll) throw new UsageError('list takes neither --id nor --all; show takes --id');
  } else if (verb === 'show') {
    if (ids.length === 0 || isAll) throw new UsageError('show needs --id');
  } else if (ids.length > 0 === isAll) throw new UsageError(`${verb} needs either --id or --all`);
}

/** @returns the exit code */
async function perform(request: Request, letters: DeadLetters, io: Io): Promise<number> {
  const which: DeadLetterSelection = request.isAll ? 'all' : { ids: request.ids };
  switch (request.verb) {
    case 'list':
      return list(request, letters, io);
    case 'show':
      return show(request, letters, io);
    case 'replay':
      return tell(await letters.replay(which), 'replayed', io);
    case 'drop':
      return tell(await letters.drop(which), 'dropped', io);
  }
}

async function list({ queue, limit, isJson }: Request, letters: DeadLetters, io: Io): Promise<number> {
  const found = await letters.list({ limit });
  for (const line of isJson ? found.map(asJson) : table(found)) io.out(line);
  const hint = found.length === limit ? '; there may be more (--limit)' : '';
  io.err(`${plural(found.length, 'dead letter')} of ${queue}${hint}`);
  return 0;
}

async function show({ ids, isJson }: Request, letters: DeadLetters, io: Io): Promise<number> {
  const found = await letters.list({ limit: ids.length, ids });
  for (const letter of found) io.out(isJson ? asJson(letter) : asText(letter));
  return tellMissing(
    ids.filter((id) => !found.some((letter) => letter.id === id)),
    io,
  );
}

function tell({ count, missing }: DeadLetterOutcome, done: string, io: Io): number {
  io.err(`${plural(count, 'dead letter')} ${done}`);
  return tellMissing(missing, io);
}

function tellMissing(missing: readonly string[], io: Io): number {
  for (const id of missing) io.err(`there is no dead letter '${id}'`);
  return missing.length === 0 ? 0 : 1;
}
