import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import ts from 'typescript';

const ROOT = new URL('../..', import.meta.url).pathname;
const SOURCES = ['src', 'test/bench', 'test/support', 'test/ssh'];
/** What the program finds by its own place. */
const BESIDE = ['node_modules', 'migrations', 'package.json'];

/**
 * The benchmark's processes as plain JavaScript, in a folder of their own, and in its `dist` the program as it is built to be
 * started. What runs TypeScript on the fly wraps functions to keep their names, and a benchmark would measure that too. Types
 * are not checked here.
 */
export function buildForBench(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gpu-broker-bench-'));
  for (const name of BESIDE) symlinkSync(join(ROOT, name), join(folder, name));
  for (const source of SOURCES) {
    for (const file of readdirSync(join(ROOT, source), { recursive: true, encoding: 'utf8' })) {
      if (file.endsWith('.ts')) transpile(join(source, file), folder);
    }
  }
  execFileSync('npx', ['tsx', 'bundle.ts', join(folder, 'dist')], { cwd: ROOT, stdio: 'inherit' });
  return folder;
}

function transpile(file: string, folder: string): void {
  const { outputText } = ts.transpileModule(readFileSync(join(ROOT, file), 'utf8'), {
    compilerOptions: {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      rewriteRelativeImportExtensions: true,
    },
  });
  const target = join(folder, file.replace(/\.ts$/, '.js'));
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, outputText);
}
