import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import openapiTS, { astToString } from 'openapi-typescript';
import ts from 'typescript';

/** A folder with the types that a public generator makes of the kept document, and room for programs over them. */
export interface TypedClient {
  /** What the compiler says of each program, by its name; they are compiled together, which is what takes its time. */
  compile(programs: Readonly<Record<string, string>>): ReadonlyMap<string, readonly string[]>;
  /** Runs a program that was compiled; what it printed. */
  run(name: string, env: Readonly<Record<string, string>>): string;
  close(): void;
}

const STRICT: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  lib: ['lib.es2023.d.ts'],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: ['node'],
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noPropertyAccessFromIndexSignature: true,
};

export async function typedClient(document: URL): Promise<TypedClient> {
  const folder = mkdtempSync(join(tmpdir(), 'gpu-broker-client-'));
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'broker-api.d.ts'), astToString(await openapiTS(document)));
  return {
    compile: (programs) => {
      const names = Object.keys(programs);
      for (const [name, program] of Object.entries(programs)) {
        writeFileSync(join(folder, `${name}.ts`), program);
      }
      return problemsOf(names, folder);
    },
    run: (name, env) =>
      execFileSync(process.execPath, [join(folder, `${name}.js`)], {
        env: { PATH: process.env['PATH'] ?? '', ...env },
        encoding: 'utf8',
      }),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Compiles beside the sources; complaints as sentences, those about the generated types under their own name. */
function problemsOf(
  names: readonly string[],
  folder: string,
): ReadonlyMap<string, readonly string[]> {
  const options = { ...STRICT, typeRoots: [join(folder, 'node_modules/@types')] };
  const paths = names.map((name) => join(folder, `${name}.ts`));
  const program = ts.createProgram(paths, options);
  const problems = [...ts.getPreEmitDiagnostics(program), ...program.emit().diagnostics];
  const byName = new Map<string, string[]>(names.map((name) => [name, []]));
  for (const { file, messageText } of problems) {
    const name = basename(file?.fileName ?? 'elsewhere', '.ts');
    const sentence = ts.flattenDiagnosticMessageText(messageText, '\n');
    byName.set(name, [...(byName.get(name) ?? []), sentence]);
  }
  return byName;
}
