#!/bin/bash
# run.sh - runs the test runners of the flavours named and ends with Check's totals, one line each.
# Usage: run.sh FLAVOUR... [-- SUITE...]     $RUN is put before each runner (valgrind, say).
# With BUDGET=SECONDS each suite runs in a process of its own, one a core, until so many seconds have passed; then it says
# which suites were left out, which is no failure. Suites named in $FIRST come first, those in $WITHOUT not at all.
set -u

LSAN_OPTIONS="suppressions=$PWD/tests/leaks.supp:print_suppressions=0${LSAN_OPTIONS:+:$LSAN_OPTIONS}"
TSAN_OPTIONS="suppressions=$PWD/tests/races.supp${TSAN_OPTIONS:+:$TSAN_OPTIONS}"
export LSAN_OPTIONS TSAN_OPTIONS
# Check's own limit of 4 s a test is for tests that hang; a slow flavour on a busy machine needs more.
CK_DEFAULT_TIMEOUT=${CK_DEFAULT_TIMEOUT:-60}
export CK_DEFAULT_TIMEOUT

flavours=
while [ $# -gt 0 ] && [ "$1" != -- ]; do
  flavours="$flavours $1"
  shift
done
[ $# -eq 0 ] || shift

# ---- One process for all, or one a suite until the time is up.

run_whole() { # run_whole FLAVOUR SUITE...
  local f=$1
  shift
  # shellcheck disable=SC2086
  ${RUN:-} "build/$f/runner" "$@" >"build/$f/check.log" 2>&1
}

# Writes SUITE.log, or adds SUITE to left-out; called by xargs.
run_suite() { # run_suite FOLDER RUNNER DEADLINE SUITE
  local left=$(($3 - $(date +%s))) status
  if [ $left -le 0 ]; then
    echo "$4" >>"$1/left-out"
    return 0
  fi
  # shellcheck disable=SC2086
  timeout -k 20 "$left" ${RUN:-} "$2" "$4" >"$1/$4.log" 2>&1
  status=$?
  if [ $status -eq 124 ] || [ $status -eq 137 ] && [ "$(date +%s)" -ge "$3" ]; then
    echo "$4" >>"$1/left-out"
    mv "$1/$4.log" "$1/$4.cut"
  elif [ $status -ne 0 ]; then
    echo "$4" >>"$1/failed"
    grep -q '^[0-9]*%: Checks: ' "$1/$4.log" || echo "$4: the runner ended with status $status before its totals" >>"$1/$4.log"
  fi
  return 0
}
export -f run_suite

suites_of() { # suites_of FLAVOUR SUITE...   in the order in which they run
  local f=$1
  shift
  if [ $# -gt 0 ]; then
    printf '%s\n' "$@"
    return
  fi
  {
    [ -z "${FIRST:-}" ] || printf '%s\n' $FIRST
    sed 's/^SUITE(\(.*\))$/\1/' "build/$f/suites.def"
  } | awk -v without=" ${WITHOUT:-} " '!seen[$1]++ && !index(without, " " $1 " ")'
}

run_budget() { # run_budget FLAVOUR SUITE...
  local f=$1 folder=build/$1/suites deadline=$(($(date +%s) + BUDGET))
  rm -rf "$folder"
  mkdir -p "$folder"
  suites_of "$@" | xargs -P "$(nproc 2>/dev/null || echo 2)" -I {} \
    bash -c 'run_suite "$@"' run_suite "$folder" "build/$f/runner" "$deadline" {}
  cat "$folder"/*.log 2>/dev/null | awk '
    /^[0-9]+%: Checks: / { gsub(",", ""); checks += $3; failures += $5; errors += $7; next }
    !/^Running suite/ { print }
    END { if (checks > 0) printf "%d%%: Checks: %d, Failures: %d, Errors: %d\n",
                                 int(100 * (checks - failures - errors) / checks), checks, failures, errors }
  ' >"build/$f/check.log"
  [ -z "${WITHOUT:-}" ] || echo "$f: never run here: $WITHOUT"
  [ ! -e "$folder/left-out" ] || echo "$f: left out, the $BUDGET s were over: $(paste -sd ' ' "$folder/left-out")"
  [ ! -e "$folder/failed" ] || echo "$f: failed: $(paste -sd ' ' "$folder/failed")"
  [ ! -e "$folder/failed" ]
}

failed=0
for f in $flavours; do
  echo "== $f"
  if [ -n "${BUDGET:-}" ]; then run_budget "$f" "$@"; else run_whole "$f" "$@"; fi
  status=$?
  grep -v '^[0-9]*%: Checks: ' "build/$f/check.log"
  [ $status -eq 0 ] || failed=1
  grep -q '^[0-9]*%: Checks: ' "build/$f/check.log" || echo "the runner ended with status $status before its totals"
done
echo "== totals:$flavours"
for f in $flavours; do grep '^[0-9]*%: Checks: ' "build/$f/check.log" || failed=1; done
exit $failed
