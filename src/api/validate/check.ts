// The toolkit that says what a request may be. A rule turns one value into what the command needs, or refuses it; a
// Check applies rules to fields and knows where it stands, so that every problem names its field. All problems of a
// request are gathered; what is read of a request that has any is thrown away.
import { invalid, Refused, type Violation } from '../errors.ts';

export type Refuse = (description: string) => void;

/** Reads one value. After it refused, what it returns is never used. */
export type Rule<In, Out> = (value: In, refuse: Refuse) => Out;

export class Check {
  readonly #path: string;
  readonly #violations: Violation[];

  constructor(path = '', violations: Violation[] = []) {
    this.#path = path;
    this.#violations = violations;
  }

  /** @param name the field's name in the contract */
  field<In, Out>(name: string, value: In, rule: Rule<In, Out>): Out {
    return rule(value, (description) => this.refuse(name, description));
  }

  /** Reads every element of a repeated field, if there are as many as allowed. */
  each<In, Out>(
    name: string,
    values: readonly In[],
    bounds: { readonly min: number; readonly max: number },
    read: (value: In, at: Check) => Out,
  ): Out[] {
    if (values.length < bounds.min) {
      this.refuse(name, bounds.min === 1 ? 'at least one is needed' : `at least ${bounds.min} are needed`);
    }
    if (values.length > bounds.max) {
      this.refuse(name, `at most ${bounds.max} are allowed, and there are ${values.length}`);
      return [];
    }
    return values.map((value, index) =>
      read(value, new Check(`${this.#at(name)}[${index}]`, this.#violations)),
    );
  }

  /** The fields of a message within the message. */
  within(name: string): Check {
    return new Check(this.#at(name), this.#violations);
  }

  /** @param name '' for the value itself, which is an element of a repeated field or a message */
  refuse(name: string, description: string): void {
    this.#violations.push({ field: this.#at(name), description });
  }

  get ok(): boolean {
    return this.#violations.length === 0;
  }

  get violations(): readonly Violation[] {
    return this.#violations;
  }

  #at(name: string): string {
    return this.#path === '' || name === '' ? `${this.#path}${name}` : `${this.#path}.${name}`;
  }
}

/** @throws Refused with every problem that reading the request found */
export function checked<Out>(read: (check: Check) => Out): Out {
  const check = new Check();
  const out = read(check);
  if (!check.ok) throw new Refused(invalid(check.violations));
  return out;
}
