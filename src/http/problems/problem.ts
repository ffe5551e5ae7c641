// A failure as a problem document (RFC 9457), the one shape in which HTTP clients are told of errors.
import { type FailureCode, failures } from '../../actors/failure.ts';
import { type EdgeFailure, Refused, retryDelayMs, type Violation } from '../../api/errors.ts';
import { errorLimits } from '../../api/limits.ts';

export const problemType = 'application/problem+json';

export interface Problem {
  /** A URN of the code. */
  readonly type: string;
  readonly title: string;
  /** The HTTP status. */
  readonly status: number;
  readonly detail: string;
  readonly code: FailureCode;
  readonly field?: string;
  readonly violations?: Violation[];
  /** How long to wait before the same request is sent again; not there where repeating does not help. */
  readonly retryAfterMs?: number;
  readonly details?: Record<string, unknown>;
  /** Members of certain codes only. */
  readonly [member: string]: unknown;
}

/** A failure with members of its own in the problem document. */
export class RefusedWith extends Refused {
  readonly members: Readonly<Record<string, unknown>>;

  constructor(failure: EdgeFailure, members: Readonly<Record<string, unknown>>) {
    super(failure);
    this.members = members;
  }
}

export function problemOf(failure: EdgeFailure): Problem {
  const { code, message, field } = failure;
  const { http, meaning } = failures[code];
  const retryAfterMs = retryDelayMs(failure);
  const violations = violationsOf(failure);
  const details = detailsOf(failure);
  return {
    type: `urn:synkro:error:${code}`,
    title: meaning,
    status: http,
    detail: clip(message, errorLimits.messageCharactersMax),
    code,
    ...(field === undefined || field === '' ? {} : { field }),
    ...(violations.length === 0 ? {} : { violations }),
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
    ...(details === null ? {} : { details }),
  };
}

function violationsOf({ code, field, message, violations }: EdgeFailure): Violation[] {
  if (code !== 'invalid-argument') return [];
  const all = violations ?? [{ field: field ?? '', description: message }];
  return all.slice(0, errorLimits.violationsMax).map((each) => ({
    field: each.field,
    description: clip(each.description, errorLimits.violationCharactersMax),
  }));
}

const lists: ReadonlySet<string> = new Set(['orders', 'items', 'warehouses']);
const elsewhere: ReadonlySet<string> = new Set(['field', 'retryAfterMs']);

/** Details are text within the service; here lists are lists, counts are numbers, and states are spelled as in answers. */
function detailsOf({ details }: EdgeFailure): Record<string, unknown> | null {
  const told = Object.entries(details ?? {})
    .filter(([name]) => !elsewhere.has(name))
    .slice(0, errorLimits.detailsMax)
    .map(([name, value]) => [name, detailOf(name, value)] as const);
  return told.length === 0 ? null : Object.fromEntries(told);
}

function detailOf(name: string, value: string): unknown {
  if (lists.has(name)) return listOf(value);
  if (name === 'count') return Number(value);
  if (name === 'state') return snakeCase(value);
  return clip(value, errorLimits.detailCharactersMax);
}

/** Never throws: what tells of a failure must not be one. */
function listOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return clip(text, errorLimits.detailCharactersMax);
  }
}

/** How states of several words are spelled over HTTP: `back_ordered`. */
function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Cut to size, and without halves of surrogate pairs. */
export function clip(text: string, charactersMax: number): string {
  return (text.length <= charactersMax ? text : `${text.slice(0, charactersMax - 1)}…`).toWellFormed();
}
