#!/bin/sh
# Checks docker/Dockerfile and docker/docker-compose.yml. With a Docker engine it builds and
# starts them; without one it lints both, runs the build steps of the Dockerfile in a temporary
# folder, and serves from what they made with the environment and the command of the image.
set -eu
cd "$(dirname "$0")/.."

if docker info >/dev/null 2>&1; then
	docker compose -f docker/docker-compose.yml config -q
	docker build -q -f docker/Dockerfile -t recsys-lite .
	docker run --rm recsys-lite version
	echo "docker/check.sh: built and run by Docker"
	exit 0
fi

tmp=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$tmp"' EXIT INT TERM
python3 docker/lint.py docker/Dockerfile docker/docker-compose.yml >"$tmp/steps"
# COPY . . takes what .dockerignore leaves; the listed files of git are that.
mkdir -p "$tmp/root/src" "$tmp/root/out"
git ls-files -z | xargs -0 cp --parents -t "$tmp/root/src" 2>/dev/null
# The steps name /src and /out; here they are below the temporary folder. chown needs root.
sed -e "s#/src#$tmp/root/src#g; s#/out#$tmp/root/out#g" -e 's/chown -R [0-9:]*/true/' "$tmp/steps" >"$tmp/run"
(cd "$tmp/root/src" && sh -eu "$tmp/run")
program=$tmp/root/out/usr/local/bin/recsys-lite
"$program" version

# The image's health check, against the image's command: no model yet, so not healthy.
cd "$tmp"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
API_PORT=$port DB_PATH=$tmp/recsys.db INCREMENTAL_DIR=$tmp/incremental LOG_DIR=$tmp/logs "$program" serve >"$tmp/serve.log" 2>&1 &
server=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do
	grep -q serving "$tmp/serve.log" && break
	sleep 0.3
done
if API_PORT=$port "$program" health 2>"$tmp/health"; then
	echo "docker/check.sh: healthy without a model" >&2
	exit 1
fi
grep -q 503 "$tmp/health" || { cat "$tmp/health" "$tmp/serve.log" >&2; exit 1; }
kill -TERM "$server"
wait "$server"
server=
echo "docker/check.sh: linted, steps run, health check tried; no Docker engine here"
