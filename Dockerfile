# Node 22 has long-term support until April 2027. Newer lines wait for better-sqlite3 13, which in turn does not run on Node 20:
# from Node 24.19 on, better-sqlite3 12 aborts the process when it collects garbage. See docs/operations.md#what-it-needs.
FROM node:22-slim AS build
WORKDIR /app
# better-sqlite3 comes ready-made for the usual platforms; where it does not, npm compiles it with these.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends python3 make g++ \
 && rm -rf /var/lib/apt/lists/*
COPY package.json package-lock.json ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json bundle.ts ./
COPY src ./src
# Of better-sqlite3 only its library and what loads it are needed, not what it was compiled from.
RUN npm run build \
 && npm prune --omit=dev \
 && rm -rf node_modules/better-sqlite3/deps node_modules/better-sqlite3/src node_modules/better-sqlite3/build/Release/obj*

FROM node:22-slim
LABEL org.opencontainers.image.title="gpu-broker" \
      org.opencontainers.image.description="Rents GPU machines on Vast.ai and TensorDock, proves that a login works, and makes sure that each rental ends and its cost is known." \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="MIT"
WORKDIR /app
# A container is reached by an address of its own, so the broker listens on all of them. It then refuses to start
# without API_TOKENS, unless ALLOW_UNAUTHENTICATED=true says that something else keeps callers away.
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    DATABASE_PATH=/data/gpu-broker.db
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json LICENSE ./
COPY migrations ./migrations
# The database and the key that seals session keys: whoever has both can log in to what is rented.
RUN install --directory --owner=node --group=node --mode=0700 /data
VOLUME /data
USER node
EXPOSE 8080
# Longer than STARTUP_SWEEP_TIMEOUT: /health is 503 while the startup sweep runs.
HEALTHCHECK --interval=30s --timeout=5s --start-period=150s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || process.env.SERVER_PORT || 8080}/health`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# No shell in between: the broker is process 1 and hears SIGTERM itself.
CMD ["node", "dist/main.js"]
