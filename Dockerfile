# The gateway in a container: built in one stage, and run in another without the tools that built it, as a user that is
# not root. `make up` uses it; everything it writes is below /data.
FROM node:24-bookworm-slim AS build
WORKDIR /src
COPY . .
RUN npm ci --no-audit --no-fund --no-progress \
 && npm run build \
 && npm prune --omit=dev --omit=optional --no-audit --no-fund \
 && rm -rf node_modules/@headgate node_modules/headgate \
 && cp -r .build/installed /app \
 && cp -r node_modules/. /app/node_modules/

FROM node:24-bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends espeak-ng \
 && rm -rf /var/lib/apt/lists/* \
 && mkdir /data \
 && chown node:node /data
COPY --from=build /app /app
ENV NODE_ENV=production HEADGATE_HOST=0.0.0.0
USER node
WORKDIR /data
VOLUME /data
EXPOSE 4000
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.HEADGATE_PORT || 4000}/health/live`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/node_modules/headgate/bin/headgate.js"]
# Variables come from the container's environment; an .env file made here would win over them.
CMD ["serve", "--env-file", "/dev/null"]
