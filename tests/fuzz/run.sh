#!/bin/bash
# run.sh - runs fuzzers one a core, each for so many seconds, and prints how many inputs each tried.
# Usage: run.sh SECONDS FUZZER...    With the words of tests/fuzz/NAME.dict, or json.dict, and the files of
# tests/fuzz/NAME.seeds/ and those that seeds.sh made if they are there.
# Status 1: one of them failed; its input lies beside the fuzzer as FUZZER.crash-...
set -u
seconds=$1
shift

fuzz() { # fuzz SECONDS FUZZER
  local name=${2##*/fuzz_} dict=tests/fuzz/json.dict options=()
  [ ! -e "tests/fuzz/$name.dict" ] || dict=tests/fuzz/$name.dict
  mkdir -p "$2.corpus"
  options+=("-dict=$dict" "$2.corpus")
  [ ! -d "tests/fuzz/$name.seeds" ] || options+=("tests/fuzz/$name.seeds")
  [ ! -d "${2%/*}/seeds/fuzz_$name" ] || options+=("${2%/*}/seeds/fuzz_$name")
  "$2" -max_total_time="$1" -timeout=25 -artifact_prefix="$2." -print_final_stats=1 "${options[@]}" >"$2.log" 2>&1 || {
    tail -n 40 "$2.log"
    echo "fuzz_$name: FAILED, see $2.log"
    return 1
  }
  echo "fuzz_$name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$2.log") inputs in $1 s"
}
export -f fuzz

printf '%s\n' "$@" | xargs -P "$(nproc 2>/dev/null || echo 2)" -I {} bash -c 'fuzz "$@"' fuzz "$seconds" {}
