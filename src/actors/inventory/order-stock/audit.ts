// What must hold of one order's attempts, judged by its state alone. An attempt that an operation is moving is judged
// when it has come to rest. Part of the audit (../books.ts).
import { limits } from '../limits.ts';
import type { Attempt, OrderState } from './model.ts';

/** Each difference begins with the number of the invariant that is broken. */
export function auditAttempts(state: OrderState): readonly string[] {
  const { attempts, operation } = state;
  const resting = attempts.filter((attempt) => operation?.attempt !== attempt.number);
  return [
    ...auditLives(attempts),
    ...resting.flatMap((attempt) =>
      auditResting(attempt).map((what) => `I6: attempt ${attempt.number} ${what}`),
    ),
    ...(operation === null ? resting.flatMap(auditCommitted) : []),
  ];
}

/**
 * At most the last attempt lives, and every number is there once; but where there are so many that refused ones were forgotten
 * (and one may have been abandoned since), numbers only rise.
 */
function auditLives(attempts: readonly Attempt[]): readonly string[] {
  const mayHaveGaps = attempts.length >= limits.attemptsPerOrderMax - 1;
  return attempts.flatMap((attempt, index) => {
    const differences: string[] = [];
    const before = attempts[index - 1]?.number ?? 0;
    if (mayHaveGaps ? attempt.number <= before : attempt.number !== index + 1)
      differences.push(`I4: attempt ${attempt.number} stands at ${index + 1}`);
    const isLive = ['pending', 'held', 'committed', 'fulfilled'].includes(attempt.status);
    if (isLive && index < attempts.length - 1) {
      differences.push(`I4: attempt ${attempt.number} is ${attempt.status} and not the last`);
    }
    return differences;
  });
}

interface Sum {
  held: number;
  allocated: number;
  /** What left, and what was given back. */
  gone: number;
}

function auditResting(attempt: Attempt): readonly string[] {
  if (attempt.abandoned) return ['is abandoned and still there'];
  const sums = sumsOf(attempt);
  switch (attempt.status) {
    case 'pending':
      return ['is pending and nothing is on its way'];
    case 'held':
      return whole(attempt, sums, ({ allocated, gone, held }) => (allocated + gone === 0 ? held : -1));
    case 'committed':
      return whole(attempt, sums, ({ allocated, gone, held }) => (held === 0 ? allocated + gone : -1));
    case 'fulfilled':
      return whole(attempt, sums, ({ allocated, gone, held }) => (held + allocated === 0 ? gone : -1));
    case 'released':
    case 'expired':
    case 'refused':
      return [...sums]
        .filter(([, sum]) => sum.held > 0 || sum.allocated > 0)
        .map(
          ([id, sum]) =>
            `is ${attempt.status}, but has ${sum.held} held, ${sum.allocated} allocated of ${id}`,
        );
  }
}

/** Every requested unit is accounted for as the status says, and no other item. */
function whole(
  attempt: Attempt,
  sums: ReadonlyMap<string, Sum>,
  counted: (sum: Sum) => number,
): readonly string[] {
  const requested = new Map(attempt.request.items.map((each) => [each.itemId, each.quantity]));
  return [...new Set([...requested.keys(), ...sums.keys()])]
    .filter((id) => counted(sums.get(id) ?? { held: 0, allocated: 0, gone: 0 }) !== (requested.get(id) ?? 0))
    .map((id) => {
      const { held, allocated, gone } = sums.get(id) ?? { held: 0, allocated: 0, gone: 0 };
      return `is ${attempt.status} for ${requested.get(id) ?? 0} of ${id}, but has ${held} held, ${allocated} allocated, ${gone} gone`;
    });
}

function auditCommitted(attempt: Attempt): readonly string[] {
  const { number, status, lines } = attempt;
  const isEmpty = lines.every((line) => line.allocated === 0);
  if (status === 'committed' && isEmpty)
    return [`I6: attempt ${number} is committed, but has nothing allocated`];
  const hasLeft = lines.some((line) => line.fulfilled > 0);
  return status === 'fulfilled' && !hasLeft
    ? [`I6: attempt ${number} is fulfilled, but nothing has left`]
    : [];
}

function sumsOf(attempt: Attempt): ReadonlyMap<string, Sum> {
  const sums = new Map<string, Sum>();
  for (const { itemId, held, allocated, fulfilled, givenBack } of attempt.lines) {
    const sum = sums.get(itemId) ?? { held: 0, allocated: 0, gone: 0 };
    sum.held += held;
    sum.allocated += allocated;
    sum.gone += fulfilled + givenBack;
    sums.set(itemId, sum);
  }
  return sums;
}
