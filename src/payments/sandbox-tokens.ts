// The payment tokens of the sandbox: what each does, declared once. docs/PAYMENTS.md lists them; a test compares the two.
//
// A capture or a refund names only the transaction, and the sandbox remembers none: so where a token has an effect on
// these, its trait is part of the transaction's id.
import { uuidv5 } from '../actors/ids.ts';

interface Token {
  readonly authorization: 'approved' | 'declined';
  /** How the answer comes: at once, not to the first try, by webhook as well (twice), or only after a while. */
  readonly answers: 'at-once' | 'not-at-first' | 'twice' | 'late';
  /** What becomes of it: it stands, or lapses; and a renewal of it is approved or declined. */
  readonly lapses?: { readonly renewal: 'approved' | 'declined' };
  readonly trait?: Trait;
  readonly meaning: string;
}

/** What a transaction's id says of what will follow. */
const traits = ['capture_decline', 'capture_timeout', 'refund_decline'] as const;
export type Trait = (typeof traits)[number];

export const sandboxTokens = {
  tok_approve: { authorization: 'approved', answers: 'at-once', meaning: 'approved at once' },
  tok_decline: { authorization: 'declined', answers: 'at-once', meaning: 'declined at once' },
  tok_timeout: {
    authorization: 'approved',
    answers: 'not-at-first',
    meaning: 'the first try of each key gets no answer; the repeat is approved',
  },
  tok_twice: {
    authorization: 'approved',
    answers: 'twice',
    meaning: 'approved at once; the same answer comes by webhook too, twice, as one notice',
  },
  tok_late: {
    authorization: 'approved',
    answers: 'late',
    meaning: 'pending; approved after a while, by webhook and to whoever asks again',
  },
  tok_late_decline: {
    authorization: 'declined',
    answers: 'late',
    meaning: 'pending; declined after a while, by webhook and to whoever asks again',
  },
  tok_capture_decline: {
    authorization: 'approved',
    answers: 'at-once',
    trait: 'capture_decline',
    meaning: 'approved; the capture is declined',
  },
  tok_capture_timeout: {
    authorization: 'approved',
    answers: 'at-once',
    trait: 'capture_timeout',
    meaning: 'approved; the first try of each capture gets no answer, the repeat is done',
  },
  tok_refund_decline: {
    authorization: 'approved',
    answers: 'at-once',
    trait: 'refund_decline',
    meaning: 'approved, and captured; refunds are declined',
  },
  tok_lapse: {
    authorization: 'approved',
    answers: 'at-once',
    lapses: { renewal: 'approved' },
    meaning: 'approved for a moment only; a renewal is approved, and does not lapse',
  },
  tok_lapse_decline: {
    authorization: 'approved',
    answers: 'at-once',
    lapses: { renewal: 'declined' },
    meaning: 'approved for a moment only; a renewal is declined',
  },
} as const satisfies Record<string, Token>;

export const declineReasons = {
  declined: 'declined',
  unknownToken: 'unknown token',
  renewal: 'renewal declined',
  capture: 'capture declined',
  refund: 'refund declined',
  unknownTransaction: 'unknown transaction',
} as const;

const tokens: ReadonlyMap<string, Token> = new Map(Object.entries(sandboxTokens));

export function tokenOf(method: string): Token | undefined {
  return tokens.get(method);
}

/** The UUIDv5 of the authorization's key, and the trait where there is one: `<uuid>.capture_decline`. */
export function transactionIdOf(key: string, trait: Trait | undefined): string {
  const id = uuidv5(key);
  return trait === undefined ? id : `${id}.${trait}`;
}

const transactionForm = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:\.([a-z_]+))?$/;

/** The trait of a transaction ('' where it has none); null where it is none of the sandbox's. */
export function traitOf(transactionId: string): Trait | '' | null {
  const match = transactionForm.exec(transactionId);
  if (match === null) return null;
  const [, name] = match;
  if (name === undefined) return '';
  return traits.find((each) => each === name) ?? null;
}
