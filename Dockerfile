# Todoku in a container: `docker build -t todoku .`, then see compose.yaml. No package needs an install script here: the image brings
# Node 24 itself, and better-sqlite3 comes with its compiled file.

FROM node:24-slim AS pages
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
COPY tsconfig.json ./
COPY server ./server
COPY web ./web
RUN node node_modules/vite/bin/vite.js build web --logLevel warn

FROM node:24-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4125 TODOKU_DATA_DIR=/data
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error && npm cache clean --force
COPY LICENSE README.md ./
COPY db ./db
COPY server ./server
COPY --from=pages /app/web/dist ./web/dist
RUN install --directory --owner=node --group=node --mode=700 /data
USER node
VOLUME /data
EXPOSE 4125
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then((reply) => process.exit(reply.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "server/cli.ts", "start"]
