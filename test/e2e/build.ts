import { execFileSync } from 'node:child_process';

/** The processes of these tests are the built program: build it once before all of them. */
export function setup(): void {
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
}
