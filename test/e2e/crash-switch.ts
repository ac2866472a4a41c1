/** Wraps ports so that a test can have the process killed at one exact call. */
export interface CrashSwitch {
  guard<Port extends object>(name: string, port: Port): Port;
}

const UNGUARDED: CrashSwitch = { guard: (_name, port) => port };

/**
 * `provider.launch:after:1` kills this process, as `kill -9` does, when the first call of `provider.launch` has taken
 * effect and before anybody hears of it; `before` is the moment before the call is made. An empty text wraps nothing.
 */
export function crashSwitch(at: string): CrashSwitch {
  if (at === '') return UNGUARDED;
  const [call = '', moment = '', occurrence = '1'] = at.split(':');
  const calls = new Map<string, number>();
  const isHere = (name: string, when: string): boolean =>
    name === call && when === moment && calls.get(name) === Number(occurrence);
  return {
    guard: (prefix, port) =>
      new Proxy(port, {
        get: (target, property, receiver) => {
          const value: unknown = Reflect.get(target, property, receiver);
          if (typeof value !== 'function') return value;
          const name = `${prefix}.${String(property)}`;
          return async (...args: unknown[]) => {
            calls.set(name, (calls.get(name) ?? 0) + 1);
            const shouldDieAfter = isHere(name, 'after');
            if (isHere(name, 'before')) await die();
            const result: unknown = await Reflect.apply(value, target, args);
            if (shouldDieAfter) await die();
            return result;
          };
        },
      }),
  };
}

/** Nothing that comes after runs: the signal may take a moment to arrive. */
function die(): Promise<never> {
  process.kill(process.pid, 'SIGKILL');
  return new Promise<never>(() => {});
}
