import { execFileSync } from 'node:child_process';

/** The processes of these tests are the built programs, and a starter of the broker that is built like them. */
export function setup(): void {
  run('npm', 'run', '--silent', 'build');
  run('npx', 'tsx', 'bundle.ts', 'dist/e2e', 'test/e2e/broker-process.mjs');
}

function run(command: string, ...args: readonly string[]): void {
  execFileSync(command, args, { stdio: 'inherit' });
}
