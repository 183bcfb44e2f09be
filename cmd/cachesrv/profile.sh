#!/usr/bin/env bash
# Makes default.pgo, by which the compiler decides what to inline in the released program: both personalities profile themselves under the bench's loads.
# Takes two minutes; the profile stays good for as long as the hot functions keep their names.
set -eu
cd "$(dirname "$0")/../.."
dir=$(mktemp -d)
trap 'kill "${pid:-}" 2>/dev/null || true; rm -rf "$dir"' EXIT
go build -pgo=off -o "$dir/bench" ./cmd/cachesrv
go build -pgo=off -tags=profile -o "$dir/cachesrv" ./cmd/cachesrv

# serve ENGINE PORT starts one that writes ENGINE.prof when it stops.
serve() {
  (cd "$dir" && CPUPROFILE="$1.prof" exec ./cachesrv "--engine=$1" --port "$2" >"$1.log" 2>&1) &
  pid=$!
  until (exec 3<>"/dev/tcp/127.0.0.1/$2") 2>/dev/null; do kill -0 "$pid"; sleep 0.1; done
}
stop() { kill "$pid"; wait "$pid"; }
load() { "$dir/bench" bench "$@" --rounds 1 >/dev/null; }

serve redis 23571
target=redis://127.0.0.1:23571
load $target --connections 50 --duration 4s
load $target --connections 50 --pipeline 16 --ratio 1:10 --duration 4s
load $target --pipeline 16 --workload all --keys 200000 --duration 700ms
load $target --pipeline 16 --workload lpush,sadd,hset,zadd,xadd,setbit,multi10,eval,fcall --keys 200000 --duration 700ms
stop
serve memcached 23572
target=memcache://127.0.0.1:23572
load $target --connections 50 --duration 4s
for protocol in text meta binary; do
  load $target --protocol "$protocol" --preload=false --connections 50 --pipeline 16 --ratio 1:10 --duration 6s
done
stop
go tool pprof -proto "$dir/redis.prof" "$dir/memcached.prof" >cmd/cachesrv/default.pgo
ls -l cmd/cachesrv/default.pgo
