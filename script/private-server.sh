# A PostgreSQL server of one's own, to be sourced by bash scripts: in a new folder, on a Unix socket only, with leadscore installed into that folder.
# The server and the extensions of the system stay untouched.
#
#   . script/private-server.sh              sets PG_CONFIG, PGVERSION (major version) and pg_bin
#   trap server_stop EXIT
#   server_start DIR [SETTING …]            makes a cluster in DIR, which must not exist, and starts it; a SETTING is a line of postgresql.conf.
#                                           Exports PGHOST, PGPORT, PGUSER, PGDATABASE
#   server_build [make argument …]          builds leadscore for that server in $server_module (default: build/module-VERSION)
#   server_install                          installs what server_build has built into DIR; a server that looks in its own folders alone (upstream
#                                           before 18, as script/assert-server makes it) has it there
#   server_psql -c 'CREATE EXTENSION leadscore'
#   server_stop                             stops the server and removes DIR; once is enough, twice does no harm
#
# PGVERSION chooses a version of those in /usr/lib/postgresql (default: the newest), PG_CONFIG any other server. server_postgres is a program
# that is started in place of its postgres, such as one that runs that under valgrind.
#
# A server does not run as root: where root calls, it runs as the user postgres.

server_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
server_dir=

if [ -z "${PG_CONFIG:-}" ]; then
  PG_CONFIG=/usr/lib/postgresql/${PGVERSION:-$(ls /usr/lib/postgresql 2>/dev/null | sort -n | tail -n 1)}/bin/pg_config
fi
if ! [ -x "$PG_CONFIG" ]; then
  echo "private-server: no pg_config at $PG_CONFIG" >&2
  return 1
fi
export PG_CONFIG
pg_bin=$("$PG_CONFIG" --bindir)
PGVERSION=$("$PG_CONFIG" --version | sed 's/^[^0-9]*\([0-9]*\).*/\1/')

server_module=$server_root/build/module-$PGVERSION
server_postgres=

# Runs a command as the user of the server, in its folder: the server's user need not be allowed to see the caller's.
server_owner() {
  if [ "$(id -u)" -eq 0 ]; then
    (cd "$server_dir" && setpriv --reuid=postgres --regid=postgres --init-groups -- "$@")
  else
    (cd "$server_dir" && "$@")
  fi
}

server_knows() {  # NAME: is there such a setting?
  server_owner "$pg_bin/postgres" -D "$server_dir/data" -C "$1" >/dev/null 2>&1
}

server_configuration() {
  echo "listen_addresses = ''"
  echo "unix_socket_directories = '$server_dir'"
  echo "fsync = off"
  echo "synchronous_commit = off"
  echo "full_page_writes = off"
  echo "log_line_prefix = '%m [%p] '"
  # Debian's servers look for extensions below a folder; from 18 on every server does, along two paths.
  if server_knows extension_destdir; then
    echo "extension_destdir = '$server_dir/install'"
  elif server_knows extension_control_path; then
    echo "extension_control_path = '$server_dir/install$("$PG_CONFIG" --sharedir):\$system'"
    echo "dynamic_library_path = '$server_dir/install$("$PG_CONFIG" --pkglibdir):\$libdir'"
  fi
  [ $# -eq 0 ] || printf '%s\n' "$@"
}

server_start() {
  server_dir=${1:?"server_start needs a folder"}
  shift
  mkdir "$server_dir" && server_dir=$(cd "$server_dir" && pwd) || return 1
  chmod 755 "$server_dir"
  if [ "$(id -u)" -eq 0 ]; then chown postgres: "$server_dir"; fi
  if ! server_owner "$pg_bin/initdb" -D data -U postgres -A trust -E UTF8 --locale=C --no-sync >"$server_dir/initdb.log" 2>&1; then
    cat "$server_dir/initdb.log" >&2
    return 1
  fi
  server_configuration "$@" >"$server_dir/settings.conf"
  echo "include '$server_dir/settings.conf'" >>"$server_dir/data/postgresql.conf"
  if ! server_owner "$pg_bin/pg_ctl" ${server_postgres:+-p "$server_postgres"} -D data -l data/server.log -w -t 120 start >/dev/null; then
    tail -n 40 "$server_dir/data/server.log" >&2
    return 1
  fi
  unset PGSERVICE PGPASSFILE PGOPTIONS
  export PGHOST=$server_dir PGPORT=5432 PGUSER=postgres PGDATABASE=postgres
}

server_make() {
  # Without the jobs and targets of a make that calls.
  env -u MAKEFLAGS -u MAKELEVEL make -s -C "$server_module" -f "$server_root/Makefile" VPATH="$server_root" PG_CONFIG="$PG_CONFIG" "$@"
}

server_build() {
  mkdir -p "$server_module"
  server_make -j"$(nproc)" "$@"
}

server_install() {
  local folder=$server_dir/install
  if ! server_knows extension_destdir && ! server_knows extension_control_path; then folder=; fi
  server_make DESTDIR="$folder" install >/dev/null
}

# psql of the server's version, without the user's own settings.
server_psql() {
  "$pg_bin/psql" -X -v ON_ERROR_STOP=1 "$@"
}

server_stop() {
  [ -n "$server_dir" ] && [ -d "$server_dir" ] || return 0
  if [ -f "$server_dir/data/postmaster.pid" ]; then
    server_owner "$pg_bin/pg_ctl" -D data -m immediate -w stop >/dev/null 2>&1
  fi
  rm -rf "$server_dir"
  server_dir=
}
