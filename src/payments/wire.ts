// Reading of what a gateway sends, answers and webhooks alike: plain JSON values, checked field by field. Nothing is
// coerced. Field names are spelled as in docs/PAYMENTS.md.
import { isObject } from '../actors/shape.ts';
import type { Authorization, FollowUp, PaymentNotice } from './gateway.ts';
import { textLimits as limits } from './limits.ts';

export interface Violation {
  /** Such as `authorization.transactionId`; '' for the whole. */
  readonly field: string;
  readonly description: string;
}

export type Definite = PaymentNotice['authorization'];

/** Gathers what is wrong. What a read returns after it refused something is never used. */
export class Problems {
  readonly violations: Violation[] = [];

  get none(): boolean {
    return this.violations.length === 0;
  }

  refuse(field: string, description: string): void {
    if (this.violations.length < limits.violationsMax) this.violations.push({ field, description });
  }

  /** One line without control characters. */
  text(field: string, value: unknown, charactersMax: number): string {
    if (typeof value !== 'string') this.refuse(field, value === undefined ? 'is required' : 'is not a text');
    else if (value === '') this.refuse(field, 'is required');
    else if (value.length > charactersMax) this.refuse(field, `may have at most ${charactersMax} characters`);
    else if (unprintable.test(value))
      this.refuse(field, 'may not contain control characters or lone surrogates');
    else return value;
    return '';
  }

  uuid(field: string, value: unknown): string {
    const text = this.text(field, value, 36);
    if (text !== '' && !uuidForm.test(text)) this.refuse(field, 'is not a UUID');
    return text.toLowerCase();
  }

  /** @returns milliseconds since 1970 */
  timeOrNull(field: string, value: unknown): number | null {
    if (value === null) return null;
    const at = typeof value === 'string' && timeForm.test(value) ? Date.parse(value) : Number.NaN;
    const exists = at >= 0 && at <= limits.untilMsMax;
    // Date.parse takes 31 February for a day in March.
    if (exists && new Date(at).toISOString().slice(0, 19) === String(value).slice(0, 19)) return at;
    this.refuse(
      field,
      value === undefined ? 'is required, and may be null' : 'is not a time such as 2026-01-31T12:00:00Z',
    );
    return null;
  }

  /** Beside those named there may be no fields. */
  onlyThese(at: string, value: Readonly<Record<string, unknown>>, names: readonly string[]): void {
    for (const name of Object.keys(value)) {
      if (!names.includes(name)) this.refuse(`${at}${name}`.slice(0, 100).toWellFormed(), 'is not known');
    }
  }
}

const unprintable = /[\p{Cc}\p{Cs}]/u;
const unprintables = /[\p{Cc}\p{Cs}]/gu;
const uuidForm = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const timeForm = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;

/** Approved or declined. @param at the path that field names begin with */
export function readDefinite(
  problems: Problems,
  at: string,
  value: Readonly<Record<string, unknown>>,
): Definite {
  if (value['outcome'] === 'approved') {
    return {
      outcome: 'approved',
      transactionId: transactionId(problems, at, value),
      until: problems.timeOrNull(`${at}until`, value['until']),
    };
  }
  if (value['outcome'] !== 'declined') problems.refuse(`${at}outcome`, 'is not one of approved, declined');
  return { outcome: 'declined', reason: reason(problems, at, value) };
}

/** Null where it is no answer to an authorization. Fields that it does not know are let pass. */
export function authorizationOf(value: unknown): Authorization | null {
  if (!isObject(value)) return null;
  const problems = new Problems();
  const read: Authorization =
    value['outcome'] === 'pending'
      ? { outcome: 'pending', transactionId: transactionId(problems, '', value) }
      : readDefinite(problems, '', value);
  return problems.none ? read : null;
}

/** Null where it is no answer to a capture, a void or a refund. */
export function followUpOf(value: unknown): FollowUp | null {
  if (!isObject(value)) return null;
  if (value['outcome'] === 'done') return { outcome: 'done' };
  const problems = new Problems();
  const read = { outcome: 'declined', reason: reason(problems, '', value) } as const;
  return value['outcome'] === 'declined' && problems.none ? read : null;
}

function transactionId(problems: Problems, at: string, value: Readonly<Record<string, unknown>>): string {
  return problems.text(`${at}transactionId`, value['transactionId'], limits.transactionIdCharactersMax);
}

/** For people: cut and cleaned rather than refused, since the outcome counts. */
function reason(problems: Problems, at: string, value: Readonly<Record<string, unknown>>): string {
  const text = value['reason'];
  if (typeof text !== 'string') {
    problems.refuse(`${at}reason`, text === undefined ? 'is required' : 'is not a text');
    return '';
  }
  return text.slice(0, limits.reasonCharactersMax).replace(unprintables, ' ');
}

/** As it is sent: an authorization's answer with its time as text. */
export function encodeAuthorization(answer: Authorization): Readonly<Record<string, unknown>> {
  if (answer.outcome !== 'approved') return answer;
  return { ...answer, until: answer.until === null ? null : new Date(answer.until).toISOString() };
}
