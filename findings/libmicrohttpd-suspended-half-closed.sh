#!/bin/bash
# libmicrohttpd 0.9.75 (Debian 12): a client that shuts down its half while its connection is suspended gets no answer.
#
# A server that answers later suspends the connection in its handler (MHD_ALLOW_SUSPEND_RESUME) and resumes it when the
# answer is there. A client that has sent its whole request may shut down its sending half and wait, as HTTP allows and
# `nc -N` does. The same client is answered when the handler answers at once. When the connection was suspended meanwhile,
# the resumed connection is read from before the handler is called again, its end is seen, and it is closed,
# with select and with poll. A thread a connection whose handler waits (MHD_USE_THREAD_PER_CONNECTION) answers it.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(
  cd "$work"
  apt-get download libmicrohttpd-dev=0.9.75-6 libmicrohttpd12=0.9.75-6 >/dev/null 2>&1
  for package in *.deb; do dpkg -x "$package" root; done
)
lib=$(dirname "$(find "$work/root" -name 'libmicrohttpd.so.12')")
cat >"$work/server.c" <<'C'
#include <microhttpd.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { AT_ONCE, SUSPENDED, BLOCKED };
static int way;

static void *resume_later(void *connection) {
  usleep(300000);
  MHD_resume_connection(connection);
  return NULL;
}

static enum MHD_Result handle(void *ctx, struct MHD_Connection *c, const char *url, const char *method,
                              const char *version, const char *data, size_t *n, void **state) {
  (void)ctx, (void)url, (void)method, (void)version, (void)data, (void)n;
  int *calls = *state;
  if (calls == NULL) return (*state = calloc(1, sizeof *calls)) != NULL ? MHD_YES : MHD_NO;
  if (way == SUSPENDED && (*calls)++ == 0) {
    pthread_t thread;
    MHD_suspend_connection(c);
    pthread_create(&thread, NULL, resume_later, c);
    pthread_detach(thread);
    return MHD_YES;
  }
  if (way == BLOCKED) usleep(300000);
  struct MHD_Response *r = MHD_create_response_from_buffer(6, "answer", MHD_RESPMEM_PERSISTENT);
  enum MHD_Result result = MHD_queue_response(c, 200, r);
  MHD_destroy_response(r);
  return result;
}

int main(int argc, char **argv) {
  (void)argc;
  way = atoi(argv[1]);
  unsigned int flags = (unsigned int)strtoul(argv[2], NULL, 10) | MHD_USE_INTERNAL_POLLING_THREAD;
  if (way == BLOCKED) flags |= MHD_USE_THREAD_PER_CONNECTION;
  else flags |= MHD_ALLOW_SUSPEND_RESUME;
  struct MHD_Daemon *d = MHD_start_daemon(flags, 0, NULL, NULL, handle, NULL, MHD_OPTION_END);
  if (d == NULL) return 1;
  printf("%d %s\n", MHD_get_daemon_info(d, MHD_DAEMON_INFO_BIND_PORT)->port, MHD_get_version());
  fflush(stdout);
  pause();
}
C
printf '#include <microhttpd.h>\n#include <stdio.h>\nint main(void) { printf("%%d\\n", MHD_USE_POLL); }\n' >"$work/flags.c"
cc -I"$work/root/usr/include" -o "$work/flags" "$work/flags.c"
cc -I"$work/root/usr/include" -o "$work/server" "$work/server.c" -L"$lib" -l:libmicrohttpd.so.12 -Wl,-rpath,"$lib" \
  -Wl,--allow-shlib-undefined -lpthread
cat >"$work/client.py" <<'PY'
import socket
import sys
import time

s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
s.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
if sys.argv[2] == "half":
    time.sleep(0.05 if sys.argv[3] != "0" else 0)
    s.shutdown(socket.SHUT_WR)
got = b""
while True:
    some = s.recv(4096)
    if not some:
        break
    got += some
print("answered" if got.endswith(b"answer") else "nothing")
PY
ask() { # ask WAY FLAGS whole|half
  rm -f "$work/port"
  "$work/server" "$1" "$2" >"$work/port" &
  until [ -s "$work/port" ]; do sleep 0.05; done
  read -r port version <"$work/port"
  python3 "$work/client.py" "$port" "$3" "$1"
  kill $!
  wait $! 2>/dev/null || true
}
poll=$("$work/flags")
seen=$(
  echo "at once, half-closed: $(ask 0 0 half)"
  for flags in 0 "$poll"; do
    echo "suspended, whole: $(ask 1 "$flags" whole); half-closed: $(ask 1 "$flags" half)"
  done
  echo "a thread that waits, half-closed: $(ask 2 0 half)"
)
read -r _ version <"$work/port"
echo "libmicrohttpd $version"
echo "$seen"
want="at once, half-closed: answered
suspended, whole: answered; half-closed: nothing
suspended, whole: answered; half-closed: nothing
a thread that waits, half-closed: answered"
[ "$version" = 0.9.75 ] && [ "$seen" = "$want" ] || { echo "changed"; exit 1; }
