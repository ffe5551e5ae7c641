// The REST generator's client over real sockets: it has to read whatever a server may send, and never to wait for ever.
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { Http1Client } from '../../bench/load/http1-client.ts';

const closing: (() => void)[] = [];

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

type Answer = (socket: Socket, request: string, n: number) => void;

/** Answers each request as it is told; counts connections. */
async function serve(answer: Answer): Promise<{ readonly port: number; connections(): number }> {
  let connections = 0;
  let n = 0;
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.setNoDelay(true).on('error', () => {});
    let received = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      received += text;
      const end = received.indexOf('\r\n\r\n');
      const length = Number(/content-length: (\d+)/.exec(received)?.[1]);
      if (end < 0 || received.length < end + 4 + length) return;
      const request = received;
      received = '';
      answer(socket, request, n++);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('no port');
  return { port: address.port, connections: () => connections };
}

function clientOf(port: number, connections = 1): Http1Client {
  const client = new Http1Client(port, connections);
  closing.push(() => client.close());
  return client;
}

function call(client: Http1Client, body = 'asked'): Promise<readonly [number, string]> {
  return new Promise((resolve) => {
    client.call('POST /x HTTP/1.1\r\nhost: x', Buffer.from(body), (status, answer) =>
      resolve([status, answer.toString()]),
    );
  });
}

const ok = (body: string) =>
  `HTTP/1.1 201 Created\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

test('requests are whole, and go one after the other over a connection that is kept', async () => {
  const seen: string[] = [];
  const { port, connections } = await serve((socket, request, n) => {
    seen.push(request);
    socket.write(ok(`answer ${n}`));
  });
  const client = clientOf(port);
  expect(await call(client, 'one')).toEqual([201, 'answer 0']);
  expect(await call(client, 'two')).toEqual([201, 'answer 1']);
  expect(seen).toEqual(
    ['one', 'two'].map((body) => `POST /x HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\n${body}`),
  );
  expect(connections()).toBe(1);
});

test('as many are under way as there are connections, and one more is told that there was no answer', async () => {
  const waiting: (() => void)[] = [];
  const { port, connections } = await serve((socket, _, n) => {
    waiting.push(() => socket.write(ok(String(n))));
    if (waiting.length === 3) for (const answer of waiting) answer();
  });
  const client = clientOf(port, 3);
  const three = [call(client), call(client), call(client)];
  expect(await call(client)).toEqual([0, '']);
  expect((await Promise.all(three)).map(([status]) => status)).toEqual([201, 201, 201]);
  expect(connections()).toBe(3);
});

test('an answer may come in pieces, cut anywhere', async () => {
  const whole = Buffer.from(ok('äöü'));
  const { port } = await serve((socket) => {
    let at = 0;
    const next = (): void => {
      if (at < whole.length) socket.write(whole.subarray(at, ++at), () => setImmediate(next));
    };
    next();
  });
  expect(await call(clientOf(port))).toEqual([201, 'äöü']);
});

test('errors are answers too', async () => {
  const { port } = await serve((socket) =>
    socket.write('HTTP/1.1 429 Too Many\r\ncontent-length: 2\r\n\r\n{}'),
  );
  expect(await call(clientOf(port))).toEqual([429, '{}']);
});

test('a connection that is cut before, within or after an answer is told once, and replaced', async () => {
  const { port, connections } = await serve((socket, _, n) => {
    if (n === 0) socket.destroy();
    else if (n === 1) socket.write(ok('long answer').slice(0, -3), () => socket.destroy());
    else socket.end(ok('last'));
  });
  const client = clientOf(port);
  expect(await call(client)).toEqual([0, '']);
  expect(await call(client)).toEqual([0, '']);
  expect(await call(client)).toEqual([201, 'last']);
  expect(connections()).toBe(3);
});

test('a body of unknown length is no answer', async () => {
  const { port } = await serve((socket) =>
    socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'),
  );
  expect(await call(clientOf(port))).toEqual([0, '']);
});

test('where nobody listens there is no answer', async () => {
  const { port } = await serve(() => {});
  for (const close of closing.splice(0)) close();
  expect(await call(clientOf(port))).toEqual([0, '']);
});
