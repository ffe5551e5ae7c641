// What Node refuses before there is a request: broken HTTP, headers that are too large, requests that do not come to
// their end. Written straight to the socket, as a problem document like all others.
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { type EdgeFailure, invalid } from '../../api/errors.ts';
import { retryAfterOf } from './answers.ts';
import { problemOf, problemType } from './problem.ts';

const byNodeCode: Readonly<Record<string, EdgeFailure>> = {
  HPE_HEADER_OVERFLOW: {
    code: 'headers-too-large',
    message: 'the request line and the headers are larger than 64 KiB',
  },
  ERR_HTTP_REQUEST_TIMEOUT: { code: 'request-timeout', message: 'the request did not arrive whole in time' },
};

export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const failure =
    byNodeCode[error.code ?? ''] ?? invalid([{ field: '', description: 'this is not valid HTTP/1.1' }]);
  const problem = problemOf(failure);
  const body = JSON.stringify(problem);
  const retryAfter = retryAfterOf(problem);
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    `Content-Type: ${problemType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(retryAfter === null ? [] : [`Retry-After: ${retryAfter}`]),
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
