/** The given fields without those that are undefined, so that an unknown fact is an absent field. */
export function present<Fields extends object>(
  fields: Fields,
): { [Field in keyof Fields]?: Exclude<Fields[Field], undefined> } {
  const kept: { [Field in keyof Fields]?: Exclude<Fields[Field], undefined> } = {};
  return Object.assign(
    kept,
    Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)),
  );
}
