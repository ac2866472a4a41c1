import { readdirSync } from 'node:fs';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import extractDepcruiseOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';
import extractTsConfig from 'dependency-cruiser/config-utl/extract-ts-config';

/**
 * Checks the import law, and that the checker saw every file: with a compiler that it cannot load it reads no module
 * and is green all the same.
 */
const options = await extractDepcruiseOptions('./.dependency-cruiser.cjs');
const { output } = await cruise(['src'], options, undefined, {
  tsConfig: extractTsConfig('./tsconfig.json'),
});
const { summary, modules } = output as ICruiseResult;
const files = readdirSync('src', { recursive: true, encoding: 'utf8' });
const expected = files.filter((file) => file.endsWith('.ts')).length;
const seen = modules.filter(({ source }) => source.startsWith('src/')).length;

for (const { rule, from, to } of summary.violations) {
  process.stdout.write(`${rule.severity} ${rule.name}: ${from} -> ${to}\n`);
}
process.stdout.write(
  `import law: ${seen} of ${expected} modules, ${summary.totalDependenciesCruised} imports, ${summary.violations.length} violations\n`,
);
const isGreen = summary.violations.length === 0 && seen === expected && expected > 0;
process.exitCode = isGreen ? 0 : 1;
