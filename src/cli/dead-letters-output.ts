// Dead letters as people read them, and as programs do. What is in them came from anywhere: nothing of it reaches a
// terminal as more than text.
import type { DeadLetter } from '../messaging/dead-letters.ts';

/** A heading and a line for each; the longest column is the last. None: no lines. */
export function table(letters: readonly DeadLetter[]): string[] {
  if (letters.length === 0) return [];
  const rows = [
    ['ID', 'TYPE', 'SUBJECT', 'WHEN', 'REASON'],
    ...letters.map(({ id, type, subject, deadAt, reason }) =>
      [id, type, subject, deadAt ?? '', reason].map((cell) => plain(cell) || '-'),
    ),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

export function asText(letter: DeadLetter): string {
  const { id, type, subject, deadAt, attempts, routingKey, reason, body } = letter;
  const fields = {
    id,
    type,
    subject,
    when: deadAt,
    reason,
    attempts: attempts === null ? null : String(attempts),
    'routing key': routingKey,
  };
  const lines = Object.entries(fields).map(
    ([name, value]) => `${name.padEnd(13)}${plain(value ?? '') || '-'}`,
  );
  return [...lines, JSON.stringify(parsed(body), null, 2), ''].join('\n');
}

/** One line; the body as the value that it is, or as text where it is not JSON. */
export function asJson(letter: DeadLetter): string {
  return JSON.stringify({ ...letter, body: parsed(letter.body) });
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
}
