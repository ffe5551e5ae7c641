// The kinds of settings: how the text of an environment variable becomes a value, and what is said where it cannot.

import { addressIn } from '../notifications/address.ts';
import { assertSecret } from '../notifications/signature.ts';

export interface Setting<T> {
  readonly name: string;
  readonly help: string;
  readonly shown: string;
  readonly unset: T;
  parse(text: string): T;
}

/** A value that cannot be: the message names the setting. */
export class SettingError extends Error {
  override readonly name = 'SettingError';
  readonly setting: string;

  constructor(setting: string, why: string) {
    super(`${setting} ${why}`);
    this.setting = setting;
  }
}

export function oneOf<T extends string>(
  name: string,
  values: readonly T[],
  unset: T,
  help: string,
): Setting<T> {
  return {
    name,
    help: `${values.join(' | ')}: ${help}`,
    shown: unset,
    unset,
    parse(value) {
      const found = values.find((candidate) => candidate === value);
      if (found === undefined)
        throw new SettingError(name, `must be one of ${values.join(', ')}, not ${JSON.stringify(value)}`);
      return found;
    },
  };
}

export function whole(name: string, min: number, max: number, unset: number, help: string): Setting<number> {
  return {
    name,
    help,
    shown: String(unset),
    unset,
    parse(value) {
      const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
      if (!(number >= min && number <= max))
        throw new SettingError(
          name,
          `must be a whole number from ${min} to ${max}, not ${JSON.stringify(value)}`,
        );
      return number;
    },
  };
}

export function text(name: string, unset: string, help: string): Setting<string> {
  return { name, help, shown: unset, unset, parse: (value) => value };
}

export function flag(name: string, help: string): Setting<boolean> {
  return {
    name,
    help: `true | false: ${help}`,
    shown: 'false',
    unset: false,
    parse(value) {
      if (value !== 'true' && value !== 'false')
        throw new SettingError(name, `must be true or false, not ${JSON.stringify(value)}`);
      return value === 'true';
    },
  };
}

/** The value is never repeated: it may hold a password. */
function parseDatabaseUrl(name: string, value: string): string {
  const url = URL.parse(value);
  if (url === null || !['postgres:', 'postgresql:'].includes(url.protocol))
    throw new SettingError(name, 'must be a URL such as postgres://user:password@host:5432/database');
  return value;
}

export function databaseUrl(name: string): Setting<string | null> {
  return {
    name,
    help: 'PostgreSQL 14 or later',
    shown: 'the embedded PostgreSQL',
    unset: null,
    parse: (value) => parseDatabaseUrl(name, value),
  };
}

export function address(name: string, of: string): Setting<string | null> {
  return {
    name,
    help: `host:port of the gRPC API of ${of}`,
    shown: 'none',
    unset: null,
    parse: (value) => parseAddress(name, value),
  };
}

/** The value is never repeated: it may hold a password. */
export function urlOf(
  name: string,
  help: string,
  shown: string,
  protocols: readonly string[],
  example: string,
): Setting<string | null> {
  return {
    name,
    help,
    shown,
    unset: null,
    parse(value) {
      const url = URL.parse(value);
      if (url === null || !protocols.includes(url.protocol))
        throw new SettingError(name, `must be a URL such as ${example}`);
      return value;
    },
  };
}

function parseAddress(name: string, value: string): string {
  const port = Number(/^(?:\[[0-9a-fA-F:.]+\]|[^\s:/[\]]+):(\d{1,5})$/.exec(value)?.[1] ?? 0);
  if (port < 1 || port > 65_535)
    throw new SettingError(name, `must be host:port, not ${JSON.stringify(value)}`);
  return value;
}

/** The value is never repeated: it may hold a password. */
export function parseHttpUrl(name: string, value: string, must: string): string {
  const url = URL.parse(value);
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    throw new SettingError(name, `must be ${must}`);
  return value;
}

const secretCharactersMin = 16;

export function parseSecrets(name: string, value: string): readonly string[] {
  const secrets = value.split(',').map((secret) => secret.trim());
  if (secrets.some((secret) => secret.length < secretCharactersMin))
    throw new SettingError(name, `must be secrets of at least ${secretCharactersMin} characters each`);
  return secrets;
}

/** Credentials in it would stand in the record of what was sent. */
export function parseWebhookUrl(name: string, value: string): string {
  const must = 'URLs such as https://hooks.example.com/synkro, with commas between them';
  const { username, password } = new URL(parseHttpUrl(name, value, must));
  if (username !== '' || password !== '')
    throw new SettingError(name, 'must have no user or password: what is sent is signed');
  return value;
}

export function parseWebhookSecrets(name: string, value: string): readonly string[] {
  const secrets = parseSecrets(name, value);
  try {
    for (const secret of secrets) assertSecret(secret);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new SettingError(name, `cannot be used: ${error.message}`);
  }
  return secrets;
}

/** With a name before it, if any: `Shop <shop@example.org>`. */
export function mailAddress(name: string, unset: string, help: string): Setting<string> {
  return {
    name,
    help,
    shown: unset === '' ? 'nobody' : unset,
    unset,
    parse(value) {
      if (addressIn(value) === null)
        throw new SettingError(
          name,
          `must be a mail address such as shop@example.org, not ${JSON.stringify(value)}`,
        );
      return value;
    },
  };
}
