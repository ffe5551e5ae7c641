// Timestamps as they were sent: the decoded request has milliseconds in their place, in which nanoseconds that are out
// of range have already been lost, or counted into the seconds.
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { Timestamp } from '../../generated/google/protobuf/timestamp.ts';
import { type EdgeFailure, invalidField } from '../errors.ts';

const nanosMax = 999_999_999;

/**
 * @param field what stands at the path, as the contract spells it
 * @param path the numbers of the fields that lead to the timestamp
 */
export function timestampProblem(
  bytes: Uint8Array,
  field: string,
  path: readonly number[],
): EdgeFailure | null {
  let at: Uint8Array | null = bytes;
  for (const number of path) at = at === null ? null : lastMessage(at, number);
  if (at === null) return null;
  const { nanos } = Timestamp.decode(at);
  return nanos >= 0 && nanos <= nanosMax ? null : invalidField(field, `nanos must be 0 to ${nanosMax}`);
}

/** Of a field that is given several times the last one counts. */
function lastMessage(bytes: Uint8Array, number: number): Uint8Array | null {
  const reader = new BinaryReader(bytes);
  let found: Uint8Array | null = null;
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === number && wireType === WireType.LengthDelimited) found = reader.bytes();
    else reader.skip(wireType, field);
  }
  return found;
}
