/** `npm run openapi`: writes docs/openapi.json from the source as it is. */
import { writeFileSync } from 'node:fs';
import { DOCUMENT_FILE, openapiText } from './openapi-document.ts';

writeFileSync(DOCUMENT_FILE, await openapiText());
