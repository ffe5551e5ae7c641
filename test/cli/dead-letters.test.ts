// `synkro dead-letters`: what it asks of the dead letters, and how it tells what it found.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { run } from '../../src/cli/dead-letters.ts';
import type {
  DeadLetter,
  DeadLetterOutcome,
  DeadLetterSelection,
  DeadLetters,
} from '../../src/messaging/dead-letters.ts';
import type { QueueName } from '../../src/messaging/queues.ts';
import { RabbitDeadLetters } from '../../src/messaging/rabbit/dead-letters.ts';
import { deadQueueName, declareTopology } from '../../src/messaging/rabbit/topology.ts';
import { itemEvent } from '../support/event.ts';
import { isWithoutRabbit, Rabbit, rabbitUrl } from '../support/rabbit.ts';
import { recordedIo } from './support.ts';

const order: DeadLetter = {
  id: 'logistics.7.3',
  type: 'OrderCreated',
  subject: 'orders/7',
  reason: 'no such customer',
  attempts: 5,
  deadAt: '2026-01-02T03:04:05.678Z',
  routingKey: 'order.created',
  body: '{"id":"logistics.7.3","data":{"total":1}}',
};

const hostile: DeadLetter = {
  id: 'sha256-0011223344556677',
  type: '',
  subject: '',
  reason: 'it is not JSON\n\u001b[2Jgone',
  attempts: null,
  deadAt: null,
  routingKey: 'order.created',
  body: '\u001b[2J',
};

class FakeDeadLetters implements DeadLetters {
  readonly asked: unknown[] = [];
  readonly #all = [order, hostile];

  async list(options: {
    readonly limit: number;
    readonly ids?: readonly string[];
  }): Promise<readonly DeadLetter[]> {
    this.asked.push({ list: options });
    const { ids, limit } = options;
    return this.#all.filter(({ id }) => ids?.includes(id) ?? true).slice(0, limit);
  }

  async replay(which: DeadLetterSelection): Promise<DeadLetterOutcome> {
    this.asked.push({ replay: which });
    return this.#outcome(which);
  }

  async drop(which: DeadLetterSelection): Promise<DeadLetterOutcome> {
    this.asked.push({ drop: which });
    return this.#outcome(which);
  }

  #outcome(which: DeadLetterSelection): DeadLetterOutcome {
    if (which === 'all') return { count: 2, missing: [] };
    const missing = which.ids.filter((id) => !this.#all.some((letter) => letter.id === id));
    return { count: which.ids.length - missing.length, missing };
  }
}

describe('synkro dead-letters', () => {
  let letters: FakeDeadLetters;
  let queues: QueueName[];

  beforeEach(() => {
    letters = new FakeDeadLetters();
    queues = [];
  });

  afterEach(() => vi.unstubAllEnvs());

  async function ran(line: string): Promise<{ code: number; stdout: string[]; stderr: string[] }> {
    const io = recordedIo();
    const code = await run(line.split(' '), io, (queue, work) => {
      queues.push(queue);
      return work(letters);
    });
    return { code, stdout: io.stdout, stderr: io.stderr };
  }

  test('lists them as a table whose cells are text, whatever they came with', async () => {
    expect(await ran('list --queue notification_service')).toEqual({
      code: 0,
      stdout: [
        'ID                       TYPE          SUBJECT   WHEN                      REASON',
        'logistics.7.3            OrderCreated  orders/7  2026-01-02T03:04:05.678Z  no such customer',
        'sha256-0011223344556677  -             -         -                         it is not JSON [2Jgone',
      ],
      stderr: ['2 dead letters of notification_service'],
    });
    expect(queues).toEqual(['notification_service']);
    expect(letters.asked).toEqual([{ list: { limit: 50 } }]);
  });

  test('says that there may be more than it was asked for', async () => {
    const { stdout, stderr } = await ran('list --queue order_processing --limit 1 --json');
    expect(stdout.map((line) => JSON.parse(line))).toEqual([
      { ...order, body: { id: 'logistics.7.3', data: { total: 1 } } },
    ]);
    expect(stderr).toEqual(['1 dead letter of order_processing; there may be more (--limit)']);
  });

  test('shows the whole of those that are named', async () => {
    const { code, stdout } = await ran(`show --queue order_processing --id ${order.id} --id ${hostile.id}`);
    expect(code).toBe(0);
    expect(stdout.join('\n').split('\n')).toEqual([
      'id           logistics.7.3',
      'type         OrderCreated',
      'subject      orders/7',
      'when         2026-01-02T03:04:05.678Z',
      'reason       no such customer',
      'attempts     5',
      'routing key  order.created',
      '{',
      '  "id": "logistics.7.3",',
      '  "data": {',
      '    "total": 1',
      '  }',
      '}',
      '',
      'id           sha256-0011223344556677',
      'type         -',
      'subject      -',
      'when         -',
      'reason       it is not JSON [2Jgone',
      'attempts     -',
      'routing key  order.created',
      '"\\u001b[2J"',
      '',
    ]);
    expect(await ran('show --queue order_processing --id nobody')).toEqual({
      code: 1,
      stdout: [],
      stderr: ["there is no dead letter 'nobody'"],
    });
  });

  test('replays and drops those that are named, or all, and says which are not there', async () => {
    expect(await ran(`replay --queue order_processing --id ${order.id} --id nobody`)).toMatchObject({
      code: 1,
      stderr: ['1 dead letter replayed', "there is no dead letter 'nobody'"],
    });
    expect(await ran('replay --queue order_processing --all')).toMatchObject({
      code: 0,
      stderr: ['2 dead letters replayed'],
    });
    expect(await ran(`drop --queue order_processing --id ${hostile.id}`)).toMatchObject({
      code: 0,
      stderr: ['1 dead letter dropped'],
    });
    expect(letters.asked).toEqual([
      { replay: { ids: [order.id, 'nobody'] } },
      { replay: 'all' },
      { drop: { ids: [hostile.id] } },
    ]);
  });

  test.each([
    ['list', '--queue must be'],
    ['list --queue orders', '--queue must be order_processing or notification_service'],
    ['--queue order_processing', 'say one of list, show, replay, drop'],
    ['purge --queue order_processing', "not 'purge'"],
    ['list drop --queue order_processing', "not 'list drop'"],
    ['list --queue order_processing --limit 0', '--limit'],
    ['list --queue order_processing --all', 'neither --id nor --all'],
    ['show --queue order_processing', 'show needs --id'],
    ['replay --queue order_processing', 'either --id or --all'],
    ['drop --queue order_processing --all --id x', 'either --id or --all'],
    ['drop --queue order_processing --id x --limit 3', '--limit is for list'],
    ['drop --queue order_processing --id x --json', '--json is for list and show'],
    ['drop --queue order_processing --id=', '--id must not be empty'],
    ['list --queue order_processing --colour', "'--colour'"],
  ])('refuses `%s`, and touches nothing', async (line, reason) => {
    const { code, stdout, stderr } = await ran(line);
    expect(code).toBe(2);
    expect(stdout).toEqual([]);
    expect(stderr).toEqual([expect.stringContaining(reason)]);
    expect(letters.asked).toEqual([]);
  });

  test('says in a line where no broker answers, or no database without one', async () => {
    const io = recordedIo();
    const argv = ['list', '--queue', 'order_processing'];
    vi.stubEnv('AMQP_URL', undefined);
    vi.stubEnv('ROLE', 'inventory');
    vi.stubEnv('INVENTORY_DATABASE_URL', 'postgres://127.0.0.1:1/none');
    expect(await run(argv, io)).toBe(1);
    vi.stubEnv('AMQP_URL', 'amqp://127.0.0.1:1');
    expect(await run(argv, io)).toBe(1);
    vi.stubEnv('AMQP_URL', 'http://127.0.0.1:1');
    expect(await run(argv, io)).toBe(1);
    expect(io.stderr).toEqual([
      expect.stringContaining('INVENTORY_DATABASE_URL'),
      expect.stringContaining('ECONNREFUSED'),
      expect.stringContaining('AMQP_URL'),
    ]);
  });

  test.skipIf(isWithoutRabbit)('works on those of a broker', async () => {
    const rabbit = await Rabbit.open();
    try {
      const { prefix, channel } = rabbit;
      await declareTopology(channel, prefix);
      const event = itemEvent('items/1', 1);
      channel.sendToQueue(deadQueueName(prefix, 'order_processing'), Buffer.from(JSON.stringify(event)), {
        messageId: event.id,
        headers: { 'x-subject': 'items/1', 'x-reason': 'no room' },
      });
      await channel.waitForConfirms();
      const io = recordedIo();
      const onBroker = (line: string): Promise<number> =>
        run(line.split(' '), io, (queue, work) =>
          work(new RabbitDeadLetters({ url: rabbitUrl, prefix, queue })),
        );
      expect(await onBroker('list --queue order_processing')).toBe(0);
      expect(io.stdout.at(-1)).toMatch(/^test\.items\/1\.1 .* items\/1 .* no room$/);
      expect(await onBroker('list --queue notification_service')).toBe(0);
      expect(await onBroker(`replay --queue order_processing --id ${event.id}`)).toBe(0);
      expect(await onBroker(`drop --queue order_processing --id ${event.id}`)).toBe(1);
      expect(io.stderr).toEqual([
        '1 dead letter of order_processing',
        '0 dead letters of notification_service',
        '1 dead letter replayed',
        '0 dead letters dropped',
        `there is no dead letter '${event.id}'`,
      ]);
    } finally {
      await rabbit.close();
    }
  });
});
