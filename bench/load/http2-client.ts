// Unary gRPC over node:http2, with none of the comfort: requests are ready-made bytes, and of the answer only what is
// needed is read. A grpc-js client makes about 3,400 calls/s a thread, which would be what is measured.
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import { benchLimits as limits } from '../limits.ts';

/** The gRPC status as text ('0' is OK; '' where there was none), and the frame that came. */
export type Answered = (status: string, frame: Buffer) => void;

const windowBytes = 16 * 1_024 * 1_024;

export class Http2Client {
  readonly #sessions: readonly ClientHttp2Session[];
  readonly #headers: Readonly<Record<string, string>>;
  #next = 0;

  constructor(port: number, path: string) {
    this.#sessions = Array.from({ length: limits.connections }, () => open(port));
    this.#headers = {
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      'grpc-timeout': `${limits.callMsMax}m`,
    };
  }

  call(frame: Buffer, answered: Answered): void {
    const session = this.#sessions[this.#next++ % this.#sessions.length];
    if (session === undefined || session.destroyed) return void setImmediate(answered, 'closed', empty);
    receive(session.request(this.#headers, { endStream: false }), answered).end(frame);
  }

  close(): void {
    for (const session of this.#sessions) session.close();
  }
}

const empty = Buffer.alloc(0);

function open(port: number): ClientHttp2Session {
  const session = connect(`http://127.0.0.1:${port}`, {
    settings: { enablePush: false, initialWindowSize: 1_024 * 1_024 },
  });
  session.once('connect', () => session.setLocalWindowSize(windowBytes));
  // Whatever is under way ends with an error of its own, and is counted there.
  session.on('error', () => {});
  return session;
}

function receive(stream: ClientHttp2Stream, answered: Answered): ClientHttp2Stream {
  let status = '';
  let first: Buffer = empty;
  let more: Buffer[] | undefined;
  // An error without any message has its status in the headers: there are no trailers.
  stream.on('response', (headers) => {
    status = String(headers['grpc-status'] ?? '');
  });
  stream.on('trailers', (trailers) => {
    status = String(trailers['grpc-status'] ?? '');
  });
  stream.on('data', (chunk: Buffer) => {
    if (first === empty) first = chunk;
    else if (more === undefined) more = [first, chunk];
    else more.push(chunk);
  });
  stream.on('error', () => stream.close(constants.NGHTTP2_CANCEL));
  stream.once('close', () => answered(status, more === undefined ? first : Buffer.concat(more)));
  return stream;
}
