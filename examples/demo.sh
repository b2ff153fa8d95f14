#!/usr/bin/env bash
# The main job on the shipped Online Retail data: ingest, train, evaluate, recommend, serve.
# usage: examples/demo.sh path/to/recsys-lite [--no-serve]
set -euo pipefail
bin=$(realpath "$1")
data=$(realpath "$(dirname "$0")/data/online-retail")
work=$(dirname "$0")/../bin/demo
mkdir -p "$work" && cd "$work"

step() { printf '\n\033[1m$ recsys-lite %s\033[0m\n' "$*" | sed "s#$data/##g"; "$bin" "$@"; }

step ingest --events "$data/events.parquet" --items "$data/items.csv" --db recsys.db
step train als --db recsys.db --output model_artifacts/als
step evaluate --model-dir model_artifacts/als --db recsys.db --ks 10
step recommend --model-dir model_artifacts/als --user-id 12347 --history 5
step similar --model-dir model_artifacts/als --item-id 22423 -k 5
[ "${2:-}" = --no-serve ] && exit 0
echo
echo "Open  http://localhost:8000/recommend?user_id=12347&k=5   (Ctrl-C stops the server)"
step serve --model-dir model_artifacts/als --port 8000
