import type { ApiVersionInfo } from '../server-parts.ts';
import { LANDING_LINKS } from './landing-links.ts';

/** The landing answer for people: one page without scripts, styles or anything else to fetch. */
export function landingPage({ name, version }: ApiVersionInfo): string {
  const rows = Object.values(LANDING_LINKS).map(
    ({ path, meaning }) => `<li><a href="${path}"><code>${path}</code></a> ${meaning}</li>`,
  );
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${name}</title>
</head>
<body>
<h1>${name} ${version}</h1>
<p>A broker between people who need a GPU for some hours and the marketplaces that rent them.
It finds, rents, hands over a login, and makes sure that the rental ends and its cost is known.</p>
<ul>
${rows.join('\n')}
</ul>
<p>Programs get this page as JSON.</p>
</body>
</html>
`;
}
