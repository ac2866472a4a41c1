/** better-sqlite3 12 is aborted from here on, at some garbage collection (`RemoveEnvironmentCleanupHook`); seen with 24.21. */
const TOO_NEW = [24, 19] as const;
const OLDEST = [20, 20] as const;

/** Why the program should not run on this version of Node, such as `24.21.0`; undefined where it may. */
export function nodeProblem(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isBefore = ([otherMajor, otherMinor]: readonly [number, number]): boolean =>
    major < otherMajor || (major === otherMajor && minor < otherMinor);
  if (isBefore(OLDEST)) return `Node ${version} is too old; it needs Node 20.20 or 22`;
  if (isBefore(TOO_NEW)) return undefined;
  return `Node ${version} aborts it again and again (see docs/operations.md, "What it needs"); it needs Node 20.20 or 22`;
}
