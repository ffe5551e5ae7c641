// HTTP/1.1 over plain sockets, with none of the comfort: one request under way on each of as many connections as there
// are requests under way. Requests are ready-made bytes; of an answer the status and the body are read.
import { connect, type Socket } from 'node:net';

/** The HTTP status (0 where there was no answer), and the body. */
export type Answered = (status: number, body: Buffer) => void;

const headEnd = Buffer.from('\r\n\r\n');
const empty = Buffer.alloc(0);
/** 'HTTP/1.1 200': where the number stands. */
const statusAt = 9;

export class Http1Client {
  readonly #idle: Connection[];
  readonly #all: readonly Connection[];

  constructor(port: number, connections: number) {
    this.#all = Array.from({ length: connections }, () => new Connection(port));
    this.#idle = [...this.#all];
  }

  /** @param head with everything but the end of the headers; never more at once than there are connections */
  call(head: string, body: Buffer, answered: Answered): void {
    const connection = this.#idle.pop();
    if (connection === undefined) return void setImmediate(answered, 0, empty);
    connection.send(head, body, (status, answer) => {
      this.#idle.push(connection);
      answered(status, answer);
    });
  }

  close(): void {
    for (const connection of this.#all) connection.close();
  }
}

class Connection {
  readonly #port: number;
  #socket: Socket | undefined;
  #received: Buffer = empty;
  #answered: Answered | null = null;

  constructor(port: number) {
    this.#port = port;
  }

  send(head: string, body: Buffer, answered: Answered): void {
    this.#answered = answered;
    const socket = this.#socket ?? this.#open();
    socket.cork();
    socket.write(`${head}\r\ncontent-length: ${body.length}\r\n\r\n`, 'latin1');
    socket.write(body);
    socket.uncork();
  }

  close(): void {
    this.#socket?.destroy();
  }

  #open(): Socket {
    const socket = connect(this.#port, '127.0.0.1');
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#receive(Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk)));
    // Whatever is under way ends with the close.
    socket.on('error', () => {});
    socket.once('close', () => {
      this.#socket = undefined;
      this.#received = empty;
      this.#tell(0, empty);
    });
    return socket;
  }

  #receive(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const bodyAt = this.#received.indexOf(headEnd) + headEnd.length;
    if (bodyAt < headEnd.length) return;
    const head = this.#received.toString('latin1', 0, bodyAt);
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? Number.NaN);
    // A body of unknown length is none that this client can read: the caller counts it as no answer.
    if (Number.isNaN(length)) return void this.#socket?.destroy();
    if (this.#received.length < bodyAt + length) return;
    const body = this.#received.subarray(bodyAt, bodyAt + length);
    this.#received = empty;
    this.#tell(Number(head.slice(statusAt, statusAt + 3)), body);
  }

  #tell(status: number, body: Buffer): void {
    const answered = this.#answered;
    this.#answered = null;
    answered?.(status, body);
  }
}
