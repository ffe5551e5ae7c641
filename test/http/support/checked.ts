// Calls whose answers are held to the document at /openapi.json: the status, the content type, the headers and the body
// have to be what is said of the operation. For every test that calls the server, whatever is behind it.
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { isObject } from '../../../src/actors/shape.ts';

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  /** JSON where it is, else text. */
  readonly body: unknown;
}

export interface CallOptions {
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly raw?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface Checked {
  (method: string, path: string, options?: CallOptions): Promise<Answered>;
  readonly document: Readonly<Record<string, unknown>>;
  /** @throws where a value is not what the named schema says */
  assertIs(schema: string, value: unknown): void;
}

/** @param send what sends the requests, as `fetch` does */
export async function checkedFetch(base: string, send: typeof fetch = fetch): Promise<Checked> {
  const document: unknown = await (await send(`${base}/openapi.json`)).json();
  if (!isObject(document)) throw new Error('/openapi.json is no object');
  const schemas = new Schemas(document);
  const call = async (method: string, path: string, options: CallOptions = {}) => {
    const response = await send(`${base}${path}`, requestOf(method, options));
    const text = await response.text();
    const type = response.headers.get('content-type') ?? '';
    const body: unknown = /json/.test(type) && text !== '' ? JSON.parse(text) : text;
    const answered = { status: response.status, headers: response.headers, body };
    schemas.check(method, path, answered);
    return answered;
  };
  return Object.assign(call, {
    document,
    assertIs: (name: string, value: unknown) => schemas.assertNamed(name, value, `a ${name}`),
  });
}

function requestOf(method: string, { json, raw, headers, signal }: CallOptions): RequestInit {
  const body = raw ?? (json === undefined ? undefined : JSON.stringify(json));
  return {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body }),
    ...(signal === undefined ? {} : { signal }),
  };
}

const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const timeForm = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

class Schemas {
  readonly #document: Readonly<Record<string, unknown>>;
  readonly #components: unknown;
  readonly #ajv = new Ajv2020({
    strict: false,
    validateSchema: false,
    formats: { uuid: uuidForm, 'date-time': timeForm },
  });
  readonly #compiled = new Map<string, ValidateFunction>();

  constructor(document: Readonly<Record<string, unknown>>) {
    this.#document = document;
    this.#components = closed(document['components']);
  }

  check(method: string, path: string, { status, headers, body }: Answered): void {
    const about = `${method} ${path} answered ${status}`;
    const type = (headers.get('content-type') ?? '').split(';')[0] ?? '';
    const operation = this.#operation(method, path);
    if (operation === null) {
      this.assertNamed('Problem', body, `${about} (no operation of the document)`);
      return;
    }
    const answer = at(operation, 'responses', String(status));
    if (!isObject(answer)) throw new Error(`${about}, which is not documented: ${JSON.stringify(body)}`);
    if (status < 300) this.#checkHeaders(answer, headers, about);
    const content = answer['content'];
    if (content === undefined) {
      if (body !== '') throw new Error(`${about} with a body, and there is to be none`);
      return;
    }
    if (at(content, type) === undefined) throw new Error(`${about} as ${type}, which is not documented`);
    if (type !== 'text/event-stream') this.#assert(at(content, type, 'schema'), body, about);
    if (isObject(body) && at(body, 'status') !== status && status >= 400 && /problem/.test(type)) {
      throw new Error(`${about}, and the problem says ${String(at(body, 'status'))}`);
    }
  }

  assertNamed(name: string, value: unknown, about: string): void {
    this.#assert({ $ref: `#/components/schemas/${name}` }, value, about);
  }

  #assert(schema: unknown, value: unknown, about: string): void {
    const key = JSON.stringify(schema);
    const known = this.#compiled.get(key);
    const validate =
      known ?? this.#ajv.compile(Object({ ...Object(closed(schema)), components: this.#components }));
    this.#compiled.set(key, validate);
    if (validate(value)) return;
    const errors = this.#ajv.errorsText(validate.errors);
    throw new Error(`${about}, and ${errors}: ${JSON.stringify(value)?.slice(0, 2_000)}`);
  }

  #checkHeaders(answer: unknown, headers: Headers, about: string): void {
    for (const name of Object.keys(Object(at(answer, 'headers')))) {
      if (headers.get(name) === null) throw new Error(`${about} without ${name}`);
    }
  }

  #operation(method: string, path: string) {
    const [asked = ''] = path.split('?');
    const matching = Object.keys(Object(this.#document['paths']))
      .filter((template) => formOf(template).test(asked))
      // The one with the fewest parameters is meant.
      .sort((a, b) => a.split('{').length - b.split('{').length);
    for (const template of matching) {
      const operation = at(this.#document, 'paths', template, method.toLowerCase());
      if (operation !== undefined) return operation;
    }
    return null;
  }
}

function formOf(template: string): RegExp {
  return new RegExp(`^${template.replaceAll('.', '\\.').replaceAll(/\{[^}]+\}/g, '[^/]+')}$`);
}

function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((each, name) => (isObject(each) ? each[name] : undefined), value);
}

/** Objects have no properties but those that are documented, where nothing else is said. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (!isObject(value)) return value;
  const { examples: _, ...schema } = value;
  const copy = Object.fromEntries(Object.entries(schema).map(([key, each]) => [key, closed(each)]));
  const isOpen = isObject(value['properties']) && value['additionalProperties'] === undefined;
  return isOpen && value['type'] === 'object' ? { ...copy, additionalProperties: false } : copy;
}
