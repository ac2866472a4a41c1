/** Calls that rent, of each API. */
const LAUNCH_CALLS: readonly RegExp[] = [
  /^PUT \/api\/v0\/asks\//,
  /^POST \/api\/v2\/instances\/?$/,
  /^POST \/api\/v0\/client\/deploy(instant)?\//,
];

export function isLaunchCall(method: string, path: string): boolean {
  return LAUNCH_CALLS.some((call) => call.test(`${method} ${path}`));
}
