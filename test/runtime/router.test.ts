// Admission at the edge: what is too much is refused at once and without effect; whoever waits is always answered.
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AskOptions, processNow } from '../../src/runtime/ask.ts';
import { Link } from '../../src/runtime/threads/link.ts';
import type { Ask, ShardToIngress } from '../../src/runtime/threads/messages.ts';
import { Router } from '../../src/runtime/threads/router.ts';
import { until } from '../support/until.ts';

const outstandingAsksMax = 4;
const ref = { kind: 'order', id: 'o-1' };

let router: Router;
let asked: Ask[];
let shardEnd: Link<ShardToIngress, Ask>;
let ports: MessagePort[];

beforeEach(() => {
  router = new Router(16, 1, { outstandingAsksMax, deadlineSweepMs: 5 });
  ports = [];
  connect();
});

afterEach(() => {
  router.close();
  for (const port of ports) port.close();
});

function connect(): void {
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  // A forerunner's asks, which may arrive late, are not this one's.
  const its: Ask[] = [];
  asked = its;
  shardEnd = new Link(port2, (ask: Ask) => its.push(ask));
  router.connect(0, new Link<Ask, ShardToIngress>(port1, (message) => router.receive(0, message)));
}

const ask = (kind: AskOptions['kind'] = 'write', deadlineMs = 60_000) =>
  router.ask(ref, kind, { deadline: processNow() + deadlineMs, receipt: null, kind });

const answerAll = () => {
  for (const { id } of asked.splice(0)) shardEnd.send({ type: 'reply', id, reply: { ok: id } });
};

test('beyond the limit asks are refused at once, and never reach the shard', async () => {
  const admitted = Array.from({ length: outstandingAsksMax }, () => ask());
  for (let again = 0; again < 3; again++)
    expect(await ask()).toMatchObject({ error: { code: 'overloaded' } });
  await until('the admitted to arrive', () => asked.length >= outstandingAsksMax);
  expect(router.outstanding).toBe(outstandingAsksMax);
  answerAll();
  for (const reply of await Promise.all(admitted)) expect(reply).toHaveProperty('ok');
  expect(router.outstanding).toBe(0);
  const next = ask();
  await until('the next to arrive', () => asked.length === 1);
  answerAll();
  expect(await next).toHaveProperty('ok');
});

test('while snapshots lag writes are refused, and reads pass', async () => {
  shardEnd.send({ type: 'load', load: 'lagging' });
  await until('a write to be refused', async () => {
    const reply = await ask('write', 20);
    return 'error' in reply && reply.error.code === 'overloaded';
  });
  const read = ask('read');
  await until('the read to arrive', () => asked.some(({ command }) => command === 'read'));
  answerAll();
  expect(await read).toHaveProperty('ok');
  shardEnd.send({ type: 'load', load: 'usual' });
  await until('a write to arrive again', () => {
    void ask('write', 20);
    return asked.some(({ command }) => command === 'write');
  });
});

test('while too much waits to be done outside nothing is begun, and all else passes', async () => {
  shardEnd.send({ type: 'load', load: 'crowded' });
  await until('a beginning to be refused', async () => {
    const reply = await ask('begin', 20);
    return 'error' in reply && reply.error.code === 'overloaded';
  });
  const passing = [ask('write'), ask('read')];
  await until('the others to arrive', () =>
    ['write', 'read'].every((kind) => asked.some(({ command }) => command === kind)),
  );
  answerAll();
  for (const reply of await Promise.all(passing)) expect(reply).toHaveProperty('ok');
});

test('a passed deadline is answered, makes room, and a late reply to it is dropped', async () => {
  const late = Array.from({ length: outstandingAsksMax }, () => ask('write', 1));
  for (const reply of await Promise.all(late))
    expect(reply).toMatchObject({ error: { code: 'deadline-exceeded' } });
  expect(router.outstanding).toBe(0);
  await until('the asks to arrive', () => asked.length === outstandingAsksMax);
  answerAll();
  const next = ask();
  await until('the next to arrive', () => asked.length === 1);
  const [id] = asked.map((each) => each.id);
  answerAll();
  expect(await next).toEqual({ ok: id });
});

test('a thread that ends leaves nobody waiting, and one that takes its place is asked', async () => {
  const waiting = [ask(), ask()];
  router.disconnect(0);
  for (const reply of await Promise.all(waiting))
    expect(reply).toMatchObject({ error: { code: 'unavailable' } });
  expect(await ask()).toMatchObject({ error: { code: 'unavailable' } });
  connect();
  const next = ask();
  await until('the next to arrive', () => asked.length === 1);
  answerAll();
  expect(await next).toHaveProperty('ok');
});

test('a thread that is replaced without an end leaves nobody waiting either', async () => {
  const waiting = ask();
  connect();
  expect(await waiting).toMatchObject({ error: { code: 'unavailable' } });
});

test('positions that have become durable are told to all who follow, until they leave', async () => {
  const seen: string[] = [];
  const leave = router.subscribe((shard, seq) => seen.push(`a ${shard}/${seq}`));
  router.subscribe((shard, seq) => seen.push(`b ${shard}/${seq}`));
  shardEnd.send({ type: 'durable', shard: 3, seq: 7 });
  await until('both to hear', () => seen.length === 2);
  leave();
  shardEnd.send({ type: 'durable', shard: 3, seq: 8 });
  await until('one to hear', () => seen.length === 3);
  expect(seen).toEqual(['a 3/7', 'b 3/7', 'b 3/8']);
});
