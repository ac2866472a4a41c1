// biome-ignore lint/style/noRestrictedGlobals: how much is asked for is the caller's to say; nothing in a world reads it.
const { env } = process;

/** Sessions that run at once: enough for several pages of a list; `npm run load` has more. */
export const SESSIONS = Number(env['LOAD_SESSIONS'] ?? 100);
/** Those that run while an account is asked for all that it allows, hour after hour. */
export const STORM_SESSIONS = Number(env['LOAD_SESSIONS'] ?? 20);
/** Simulated hours of calls without a pause. */
export const HOURS = Number(env['LOAD_HOURS'] ?? 1);
