// Request bytes to a value that a handler can refuse. grpc-js answers a deserializer that throws with INTERNAL, and
// the protobuf runtime replaces bytes that are not UTF-8 in silence: neither will do for what a client sent wrong.
import { BinaryReader } from '@bufbuild/protobuf/wire';
import { type EdgeFailure, invalid } from '../api/errors.ts';
import type { RequestType } from '../api/method.ts';

/** Of what is malformed, as much as can be read without minding the encoding of strings; undefined: nothing. */
export type Decoded<T> =
  | { readonly value: T }
  | { readonly malformed: EdgeFailure; readonly readable: T | undefined };

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lenientUtf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Never throws. A string that is not UTF-8 is named by its field. */
export function decodeRequest<T>(type: RequestType<T>, bytes: Uint8Array): Decoded<T> {
  try {
    const value = type.decode(new BinaryReader(bytes, (text) => strictUtf8.decode(text)));
    const malformed = type.problemOf?.(bytes) ?? null;
    return malformed === null ? { value } : { malformed, readable: value };
  } catch {
    const readable = decodeLeniently(type, bytes);
    return { malformed: problemOf(readable), readable };
  }
}

function problemOf(readable: unknown): EdgeFailure {
  const field = pathOfReplacement(readable, '');
  if (field === null)
    return invalid([{ field: '', description: 'the request is not a valid protobuf message' }]);
  return invalid([{ field, description: 'is not valid UTF-8' }]);
}

function decodeLeniently<T>(type: RequestType<T>, bytes: Uint8Array): T | undefined {
  try {
    return type.decode(new BinaryReader(bytes, (text) => lenientUtf8.decode(text)));
  } catch {
    return undefined;
  }
}

/** The path, as the contract spells it, of the first string that holds a replacement character. */
function pathOfReplacement(value: unknown, path: string): string | null {
  if (typeof value === 'string') return value.includes('\u{fffd}') ? path : null;
  if (Array.isArray(value)) return firstPath(value.map((each, index) => [each, `${path}[${index}]`]));
  if (typeof value !== 'object' || value === null) return null;
  const entries = Object.entries(value);
  if (entries.some(([key]) => key.includes('\u{fffd}'))) return path;
  return firstPath(
    entries.map(([key, each]) => [each, path === '' ? snakeCase(key) : `${path}.${snakeCase(key)}`]),
  );
}

function firstPath(candidates: readonly (readonly [unknown, string])[]): string | null {
  for (const [value, path] of candidates) {
    const found = pathOfReplacement(value, path);
    if (found !== null) return found;
  }
  return null;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
