import '@fastify/rate-limit';
import '@fastify/swagger';
import '@fastify/swagger-ui';
import '@sinclair/typebox';
import 'better-sqlite3';
import 'kysely';
import 'p-queue';
import 'pino';
import 'pino-pretty';
import 'prom-client';
import 'ssh2';
import 'undici';
import '@fastify/type-provider-typebox';
import fastify from 'fastify';

/** What a start costs at least: the same libraries, and a server without anything to do. */
const app = fastify();
app.get('/health', async () => ({ status: 'ok' }));
await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT']) });
