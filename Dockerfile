# The gateway in a container: packed in one stage, and run in another without the tools that built it, as a user that is
# not root. `make up` uses it; everything it writes is below /data.
FROM node:24-bookworm-slim AS build
WORKDIR /src
COPY . .
RUN npm ci --no-audit --no-fund --no-progress \
 && npm run build \
 && npm install --offline --no-audit --no-fund --prefix /app .build/headgate-*.tgz

FROM node:24-bookworm-slim
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends espeak-ng \
 && rm -rf /var/lib/apt/lists/* \
 && mkdir /data \
 && chown node:node /data
COPY --from=build /app/node_modules/headgate /app
# Beyond loopback the gateway requires a strong key. State, and the user's own files, are below /data.
ENV NODE_ENV=production \
    HEADGATE_HOST=0.0.0.0 \
    HEADGATE_STATE_DIR=/data/.headgate \
    HEADGATE_DATA_DIR=/data \
    XDG_CONFIG_HOME=/data/config \
    XDG_CACHE_HOME=/data/cache
# The image's user `node`, as a number, so that Kubernetes can see that it is not root.
USER 1000
WORKDIR /data
VOLUME /data
EXPOSE 4000
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.HEADGATE_PORT || 4000}/health/live`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--", "/app/bin/headgate.js"]
# Variables come from the container's environment; an .env file made here would win over them.
CMD ["serve", "--env-file", "/dev/null"]
