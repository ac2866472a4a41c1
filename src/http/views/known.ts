type Known<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };

/** The fields whose value is known; an answer leaves the others out. */
export function known<Fields extends object>(fields: Fields): Known<Fields> {
  const left: Known<Fields> = {};
  for (const name in fields) {
    const value = fields[name];
    if (isKnown(value)) left[name] = value;
  }
  return left;
}

function isKnown<Value>(value: Value): value is Exclude<Value, undefined> {
  return value !== undefined;
}
