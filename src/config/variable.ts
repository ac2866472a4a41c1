/** One environment variable: its names, its form, and what it is for. Parsing, docs and `.env.example` come from this. */
export interface Variable<Value> {
  readonly name: string;
  /** Other names for the same thing. */
  readonly aliases: readonly string[];
  /** The default as it would be written; '' when there is none. */
  readonly defaultText: string;
  /** The form of a value, for a reader. */
  readonly form: string;
  readonly description: string;
  /** A secret can be read from a file, by `<NAME>_FILE`, and is never repeated in a problem. */
  readonly isSecret: boolean;
  readonly fallback: Value;
  readonly parse: Parse<Value>;
}

export type Parse<Value> = (text: string) => Parsed<Value>;

export type Parsed<Value> =
  | { readonly ok: true; readonly value: Value }
  /** Reads on from the variable's name: `must be …`. Never holds the value itself. */
  | { readonly ok: false; readonly problem: string };

/** A form of values: how it is told to a reader, and how it is read. */
export interface Form<Value> {
  readonly form: string;
  readonly parse: Parse<Value>;
}

interface Description {
  readonly name: string;
  readonly description: string;
  readonly aliases?: readonly string[];
  readonly isSecret?: true;
}

/** A variable without default: `undefined` when it is not set. */
export function optional<Value>(
  form: Form<Value>,
  description: Description,
): Variable<Value | undefined> {
  return {
    aliases: [],
    isSecret: false,
    ...description,
    ...form,
    defaultText: '',
    fallback: undefined,
  };
}

/** A variable with a default, given in the form in which it would be written. */
export function defaulted<Value>(
  form: Form<Value>,
  description: Description & { readonly defaultText: string },
): Variable<Value> {
  const parsed = form.parse(description.defaultText);
  if (!parsed.ok) throw new TypeError(`The default of ${description.name} ${parsed.problem}.`);
  return { aliases: [], isSecret: false, ...description, ...form, fallback: parsed.value };
}
