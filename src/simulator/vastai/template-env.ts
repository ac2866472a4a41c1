import type { JsonObject } from '../json.ts';

type EnvPairs = readonly (readonly [string, string])[];

/** Template and request merged by key; the request wins (§15.4). */
export function mergedEnv(flags: string, asked: JsonObject): EnvPairs {
  const env = new Map(parseDockerFlags(flags));
  for (const [key, value] of Object.entries(asked)) env.set(key, String(value));
  return [...env];
}

/** `-p 80:80 -e A=b` as templates write it: options become keys with the value `1`, variables themselves. */
function parseDockerFlags(flags: string): EnvPairs {
  const words = flags.split(/\s+/).filter((word) => word !== '');
  const pairs: [string, string][] = [];
  for (let index = 0; index + 1 < words.length; index += 2) {
    const [option = '', value = ''] = words.slice(index, index + 2);
    const equals = value.indexOf('=');
    if (option === '-e' && equals > 0)
      pairs.push([value.slice(0, equals), value.slice(equals + 1)]);
    if (option !== '-e') pairs.push([`${option} ${value}`, '1']);
  }
  return pairs;
}
