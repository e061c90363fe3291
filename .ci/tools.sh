#!/bin/bash
# tools.sh - installs what the checks of .ci/run want beside the libraries: compilers, checkers, a PDF reader. Says what
# cannot be had; that is no failure.
set -u

have() { command -v "$1" >/dev/null 2>&1; }

# The run-time of clang's sanitizers is a package of its own, called by clang's version.
clang_runs() { echo 'int main(void) { return 0; }' | clang -fsanitize=address -x c - -o /dev/null 2>/dev/null; }
clang_runtime() { echo "libclang-rt-$(clang -dumpversion | cut -d. -f1)-dev"; }

install() {
  have apt-get || return 1
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "$@" >build/tools.log 2>&1
}
sudo=
if [ "$(id -u)" != 0 ]; then sudo=sudo; fi

mkdir -p build
want() { # want COMMAND PACKAGE
  have "$1" || {
    echo "installing $2"
    install "$2" && have "$1"
  } || echo "not to be had: $2 ($1)"
}
want g++ g++
want clang clang
want clang-format clang-format
want cppcheck cppcheck
want valgrind valgrind
want pdfinfo poppler-utils
if have clang && ! clang_runs; then
  echo "installing $(clang_runtime)"
  install "$(clang_runtime)" && clang_runs || echo "not to be had: $(clang_runtime) (sanitizers of clang)"
fi
exit 0
