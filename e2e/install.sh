#!/usr/bin/env bash
# Installs the servers and clients that the tests compare with: Debian packages when this is root, npm packages always.
# What cannot be installed is not an error here: the tests name it as skipped, and CI fails on that.
set -u
here=$(cd "$(dirname "$0")" && pwd)

# The name of each package's program or module tells whether it is there.
missing=()
command -v redis-server >/dev/null || missing+=(redis-server)
command -v redis-cli >/dev/null || missing+=(redis-tools)
command -v memcached >/dev/null || missing+=(memcached)
command -v memccapable >/dev/null || missing+=(libmemcached-tools)
/usr/bin/python3 -c 'import redis' 2>/dev/null || missing+=(python3-redis)
/usr/bin/python3 -c 'import rq' 2>/dev/null || missing+=(python3-rq)
/usr/bin/python3 -c 'import pymemcache' 2>/dev/null || missing+=(python3-pymemcache)
ruby -e 'require "dalli"' 2>/dev/null || missing+=(ruby ruby-dalli)
/usr/bin/python3 -c 'import pylibmc' 2>/dev/null || missing+=(python3-pylibmc)
command -v npm >/dev/null || missing+=(nodejs npm)

if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "installing: ${missing[*]}"
    # Packages of servers start them at once; a policy that says no keeps the machine's ports free.
    policy=/usr/sbin/policy-rc.d
    placed=
    if [ ! -e "$policy" ]; then
      printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy" && placed=1
    fi
    apt-get update -qq
    for p in "${missing[@]}"; do
      DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$p" >/dev/null || echo "could not install $p"
    done
    [ -n "$placed" ] && rm -f "$policy"
  else
    echo "not installed, and this is not root: ${missing[*]}"
  fi
fi

if command -v npm >/dev/null; then
  (cd "$here/node" && npm ci --no-audit --no-fund --silent) || echo "could not install the npm clients"
fi
exit 0
