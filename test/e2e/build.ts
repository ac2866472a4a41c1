import { execFileSync } from 'node:child_process';

/**
 * The processes of these tests are the built programs, and a starter of the broker that is built like them. Types are not
 * checked here: `npm run build` does, and takes twenty times as long.
 */
export function setup(): void {
  bundle();
  bundle('dist/e2e', 'test/e2e/broker-process.mjs');
}

function bundle(...args: readonly string[]): void {
  execFileSync('npx', ['tsx', 'bundle.ts', ...args], { stdio: 'inherit' });
}
