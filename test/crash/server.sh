# Servers that are killed, for the scripts beside this, which source it: make a durable server, kill all of it at once.

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit
. script/private-server.sh
. test/program.sh

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
