# Servers that are killed, for the scripts beside this, which source it: build live_crash, make a durable server, kill all of it at once.

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit
. script/private-server.sh

# build_sessions: the program, or exit 77 where there is nothing to build it with.
build_sessions() {
  mkdir -p build/concurrency
  local log=build/concurrency/log
  if ! { cmake -S . -B build/concurrency -DCMAKE_BUILD_TYPE=RelWithDebInfo && cmake --build build/concurrency --target help; } >$log 2>&1; then
    cat $log
    exit 1
  fi
  if ! grep -q live_crash $log; then
    echo "no libpq or CLI11 to build with"
    exit 77
  fi
  cmake --build build/concurrency --target live_crash >$log 2>&1 || { cat $log; exit 1; }
}

# durable_server [SETTING …]: in a folder of its own, with leadscore and the tables of test/concurrency. Checkpoints, and so what recovery begins from,
# come often.
durable_server() {
  local folder
  folder=$(mktemp -d "${TMPDIR:-/tmp}/leadscore-crash.XXXXXX")
  chmod 755 "$folder"
  server_build >/dev/null
  server_start "$folder/server" "fsync = on" "synchronous_commit = on" "full_page_writes = on" \
    "checkpoint_timeout = 30s" "max_wal_size = 32MB" "min_wal_size = 32MB" "autovacuum_naptime = 1s" "deadlock_timeout = 50ms" "jit = off" "$@"
  server_install
  server_psql -q -f test/concurrency/schema.sql
}

remove_servers() {
  local folder
  folder=$(dirname "${server_dir:-/nowhere/server}")
  server_stop || true
  rmdir "$folder" 2>/dev/null || true
}

# kill_all DATA: SIGKILL to the postmaster and all of its processes. The postmaster stops first, so that it neither starts others nor sees any die.
kill_all() {
  local postmaster processes
  postmaster=$(head -1 "$1/postmaster.pid")
  kill -STOP "$postmaster"
  processes=$(grep -lE "^PPid:[[:space:]]$postmaster\$" /proc/[0-9]*/status 2>/dev/null | cut -d/ -f3 || true)
  # shellcheck disable=SC2086
  kill -KILL $processes "$postmaster" 2>/dev/null || true
  local pid
  for pid in $processes "$postmaster"; do
    while alive "$pid"; do sleep 0.02; done
  done
  # A machine whose first process reaps nobody leaves it a zombie, which a new postmaster would take for a living one.
  for _ in {1..50}; do
    kill -0 "$postmaster" 2>/dev/null || return 0
    sleep 0.02
  done
  rm "$1"/postmaster.pid "$1"/../.s.PGSQL.*.lock
}

alive() { kill -0 "$1" 2>/dev/null && ! grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null; }

start_again() {
  server_owner "$pg_bin/pg_ctl" -D data -l data/server.log -w -t 60 start >/dev/null && return 0
  tail -n 20 "$server_dir/data/server.log"
  return 1
}
