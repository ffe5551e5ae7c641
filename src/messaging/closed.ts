/** Whoever was to do it is being closed: it is not known to be done, and somebody else has to do it again. */
export class ClosedError extends Error {
  override readonly name = 'ClosedError';

  constructor(what: string) {
    super(`${what} is closed`);
  }
}
