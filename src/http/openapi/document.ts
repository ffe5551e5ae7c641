// The OpenAPI document at /openapi.json, made of what the routes declare, and the pages that show it at /docs.
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { isObject } from '../../actors/shape.ts';
import type { RouteGroup } from '../group.ts';
import { isOptionalBody } from './marks.ts';
import { hoistNamed } from './named.ts';

const info = {
  title: 'Synkro',
  version: '1.0.0',
  summary: 'Inventory and logistics for shops: nothing oversold, nothing answered and lost.',
  description: [
    'JSON in camelCase. Times are ISO 8601 in UTC; quantities are whole numbers up to 2^53 - 1. Texts that were not given are empty, times and objects that there are none of are left out, lists are always there.',
    'Errors are problem documents (`application/problem+json`, RFC 9457) with stable codes; programs decide by `code`.',
    '`Idempotency-Key` makes calls safe to repeat: the same key and content get the first answer again. `Prefer: wait=SECONDS` (RFC 7240) says how long an answer may take; 30 seconds where it is absent.',
    'Lists come in pages: `pageSize`, and `pageToken` from the `nextPageToken` of the page before, which is empty on the last. `x-synkro-as-of` says how old a list is at most.',
  ].join('\n\n'),
  license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
} as const;

/** To be called before the routes are declared. */
export async function documentRoutes(app: FastifyInstance, groups: readonly RouteGroup[]): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info,
      tags: tagsOf(groups),
      servers: [{ url: '/' }],
      security: [],
    },
    stripBasePath: false,
    convertConstToEnum: false,
    transformObject: (made) => settle('openapiObject' in made ? made.openapiObject : {}),
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    // Nothing comes from elsewhere. Images may be inline: the pages' style sheet has its icons so.
    staticCSP: { 'default-src': "'self'", 'img-src': "'self' data:", 'object-src': "'none'" },
    theme: { title: info.title },
    uiConfig: { docExpansion: 'list', validatorUrl: null },
  });
  app.get('/openapi.json', { schema: { hide: true } }, (_, reply) => reply.send(app.swagger()));
}

/** Groups of both services may share a tag. */
function tagsOf(groups: readonly RouteGroup[]): RouteGroup['tag'][] {
  const byName = new Map(groups.map(({ tag }) => [tag.name, { ...tag }]));
  return [...byName.values()];
}

/** What the document has to say otherwise than the plugin does: optional bodies, and names for schemas. */
function settle(made: object): object {
  const components = new Map<string, unknown>();
  const paths = hoistNamed(withOptionalBodies(Reflect.get(made, 'paths')), components);
  const schemas = Object.fromEntries([...components].sort(([a], [b]) => (a < b ? -1 : 1)));
  return { ...made, paths, components: { schemas } };
}

/** The plugin takes every body for required. */
function withOptionalBodies(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withOptionalBodies);
  if (!isObject(value)) return value;
  const settled = Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, withOptionalBodies(each)]),
  );
  const { requestBody } = value;
  return isObject(requestBody) && hasOptionalSchema(requestBody)
    ? { ...settled, requestBody: { ...requestBody, required: false } }
    : settled;
}

function hasOptionalSchema({ content }: Readonly<Record<string, unknown>>): boolean {
  const media = isObject(content) ? content['application/json'] : undefined;
  return isObject(media) && isOptionalBody(media['schema']);
}
