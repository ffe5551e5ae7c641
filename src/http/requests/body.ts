// JSON bodies, read strictly: only application/json, only UTF-8 (Node would replace what is none in silence), and none
// that reaches for prototypes.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { invalid, Refused } from '../../api/errors.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

export function readJsonBodies(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const text = textOf(request, body);
    if (text instanceof Refused) done(text);
    // As if there were none; whether there has to be one the route's schema says.
    else if (text === '') done(null, undefined);
    else void parseJson(request, text, done);
  });
}

function textOf(request: FastifyRequest, body: Buffer): string | Refused {
  const charset = /;\s*charset="?([^";\s]+)/i.exec(request.headers['content-type'] ?? '')?.[1];
  if (charset !== undefined && !/^utf-?8$/i.test(charset)) {
    return new Refused({ code: 'unsupported-media-type', message: 'JSON has to be in UTF-8' });
  }
  try {
    return utf8.decode(body);
  } catch {
    return new Refused(invalid([{ field: '', description: 'the body is not valid UTF-8' }]));
  }
}
