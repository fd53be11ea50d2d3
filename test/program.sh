# Programs of tests that talk to a server, for the scripts that run them, in the root of the repository, which source this.

# build_program FOLDER PROGRAM [cmake argument …]: in that build folder; exits with 77 where there is nothing to build it with.
build_program() {
  local folder=$1 program=$2 log=$1/$2.log
  shift 2
  mkdir -p "$folder"
  if ! { cmake -S . -B "$folder" "$@" && cmake --build "$folder" --target help; } >"$log" 2>&1; then
    cat "$log"
    exit 1
  fi
  if ! grep -q "$program" "$log"; then
    echo "no libpq or CLI11 to build with"
    exit 77
  fi
  cmake --build "$folder" --target "$program" -j"$(nproc)" >"$log" 2>&1 || { cat "$log"; exit 1; }
}
