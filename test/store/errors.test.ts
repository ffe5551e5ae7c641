// What an error says of the statement's effect: the runtime retries, recovers or stops by it.
import postgres from 'postgres';
import { describe, expect, it } from 'vitest';
import { storeErrorKind, toStoreError } from '../../src/persistence/errors.ts';
import { StoreError, type StoreErrorKind } from '../../src/runtime/store.ts';

function reported(code: string, severity: string): Error {
  return Object.assign(new postgres.PostgresError(''), { code, severity, message: 'an error of the server' });
}

function ofSocket(code: string): Error {
  return Object.assign(new Error(code), { code });
}

describe('an error of the database', () => {
  it.each<[string, string, StoreErrorKind]>([
    ['40001', 'ERROR', 'rejected'],
    ['40P01', 'ERROR', 'rejected'],
    ['53100', 'ERROR', 'rejected'],
    ['53200', 'ERROR', 'rejected'],
    ['55P03', 'ERROR', 'rejected'],
    ['57014', 'ERROR', 'rejected'],
    ['57P01', 'FATAL', 'unknown'],
    ['57P02', 'ERROR', 'unknown'],
    ['53300', 'FATAL', 'unknown'],
    ['53100', 'PANIC', 'unknown'],
    ['08006', 'ERROR', 'unknown'],
    ['25006', 'ERROR', 'unknown'],
    ['23514', 'ERROR', 'broken'],
    ['42P01', 'ERROR', 'broken'],
    ['21000', 'ERROR', 'broken'],
  ])('%s as %s is %s', (code, severity, kind) => {
    expect(storeErrorKind(reported(code, severity))).toBe(kind);
  });

  it.each([
    'CONNECTION_CLOSED',
    'CONNECTION_DESTROYED',
    'CONNECT_TIMEOUT',
    'ECONNREFUSED',
    'ECONNRESET',
    'EPIPE',
  ])('%s is unknown', (code) => {
    expect(storeErrorKind(ofSocket(code))).toBe('unknown');
  });

  it('is broken where the statement could not even be made', () => {
    expect(storeErrorKind(ofSocket('UNDEFINED_VALUE'))).toBe('broken');
    expect(storeErrorKind(new TypeError('x is not a function'))).toBe('broken');
  });

  it('is unknown where nothing is known of it', () => {
    expect(storeErrorKind(new Error('?'))).toBe('unknown');
    expect(storeErrorKind('?')).toBe('unknown');
  });

  it('keeps what it was made of, and is made once', () => {
    const cause = reported('40001', 'ERROR');
    const error = toStoreError(cause, 'append');
    expect(error).toMatchObject({ kind: 'rejected', message: 'append: an error of the server', cause });
    expect(toStoreError(error, 'again')).toBe(error);
    expect(error).toBeInstanceOf(StoreError);
  });
});
