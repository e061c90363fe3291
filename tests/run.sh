#!/bin/sh
# run.sh - runs the test runners of the flavours named and ends with Check's totals, one line each.
# Usage: run.sh FLAVOUR... [-- SUITE...]     $RUN is put before each runner (valgrind, say).
set -u

LSAN_OPTIONS="suppressions=$PWD/tests/leaks.supp:print_suppressions=0${LSAN_OPTIONS:+:$LSAN_OPTIONS}"
export LSAN_OPTIONS
# Check's own limit of 4 s a test is for tests that hang; a slow flavour on a busy machine needs more.
CK_DEFAULT_TIMEOUT=${CK_DEFAULT_TIMEOUT:-60}
export CK_DEFAULT_TIMEOUT

flavours=
while [ $# -gt 0 ] && [ "$1" != -- ]; do
  flavours="$flavours $1"
  shift
done
[ $# -eq 0 ] || shift

failed=0
for f in $flavours; do
  echo "== $f"
  # shellcheck disable=SC2086
  ${RUN:-} "build/$f/runner" "$@" >"build/$f/check.log" 2>&1
  status=$?
  grep -v '^[0-9]*%: Checks: ' "build/$f/check.log"
  [ $status -eq 0 ] || failed=1
  grep -q '^[0-9]*%: Checks: ' "build/$f/check.log" || echo "the runner ended with status $status before its totals"
done
echo "== totals:$flavours"
for f in $flavours; do grep '^[0-9]*%: Checks: ' "build/$f/check.log" || failed=1; done
exit $failed
