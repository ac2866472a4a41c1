import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** What of the image can be known without building it; test/deploy/check-image.sh builds and runs it. */
const dockerfile = readFileSync('Dockerfile', 'utf8').replaceAll(/\\\n\s*/g, '');
const ignored = readFileSync('.dockerignore', 'utf8').split('\n');
const described = JSON.parse(readFileSync('package.json', 'utf8')) as Readonly<
  Record<'name' | 'version' | 'description' | 'license', string>
>;

/** The arguments of each instruction of this name. */
function instructions(name: string): readonly string[] {
  return [...dockerfile.matchAll(new RegExp(`^${name} (.*)$`, 'gm'))].map(([, rest = '']) => rest);
}

/** What is copied from the repository, and not from the stage before. */
const copied = instructions('COPY')
  .filter((rest) => !rest.startsWith('--from'))
  .flatMap((rest) => rest.split(' ').slice(0, -1));

test('both stages begin with one image of Node with long-term support, and no newer than better-sqlite3 12 can bear', () => {
  const images = instructions('FROM').map((rest) => rest.split(' ')[0]);
  expect(images).toEqual(['node:22-slim', 'node:22-slim']);
});

test('what is copied is there, and reaches the builder', () => {
  expect(copied.length).toBeGreaterThan(6);
  expect(copied.filter((path) => !existsSync(path))).toEqual([]);
  const isSent = (path: string): boolean =>
    [`!${path}`, `!${path}/`].some((line) => ignored.includes(line.replace('./', '')));
  expect(copied.filter((path) => !isSent(path))).toEqual([]);
});

test('nothing else reaches the builder', () => {
  expect(ignored).toContain('*');
  const sent = ignored.flatMap((line) =>
    line.startsWith('!') ? [line.slice(1).replace(/\/$/, '')] : [],
  );
  expect(sent.filter((path) => !copied.includes(path) && !copied.includes(`./${path}`))).toEqual(
    [],
  );
});

test('it runs as a user, as process 1 without a shell, and only its data can be written', () => {
  expect(instructions('USER')).toEqual(['node']);
  expect(instructions('CMD')).toEqual(['["node", "dist/main.js"]']);
  expect(instructions('VOLUME')).toEqual(['/data']);
  expect(dockerfile).toMatch(/^HEALTHCHECK .*CMD \["node", /m);
});

test('its labels say what package.json says', () => {
  const labels = Object.fromEntries(
    [
      ...instructions('LABEL')
        .join(' ')
        .matchAll(/([\w.]+)="([^"]*)"/g),
    ].map(([, name = '', value]) => [name.replace('org.opencontainers.image.', ''), value]),
  );
  const { name, version, description, license } = described;
  expect(labels).toEqual({ title: name, description, version, licenses: license });
});
