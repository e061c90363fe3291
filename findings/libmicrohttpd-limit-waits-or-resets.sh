#!/bin/bash
# libmicrohttpd 0.9.75 (Debian 12): whether a client beyond MHD_OPTION_CONNECTION_LIMIT waits or is reset goes by how the
# daemon waits for sockets.
#
# With one thread for all connections under poll or epoll, the listening socket is not looked at while there are as many
# connections as may be: one more client stays in the backlog, and is answered as soon as another goes. Under select that
# wants the flag MHD_USE_ITC, which says nothing of it; without, the client is accepted and closed at once, which it sees
# as a reset, with its request unread. With a thread a connection under poll, which is also what MHD_USE_AUTO chooses, it is
# reset with the flag and without.
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
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static enum MHD_Result handle(void *ctx, struct MHD_Connection *c, const char *url, const char *method,
                              const char *version, const char *data, size_t *n, void **state) {
  static int begun;
  (void)ctx, (void)url, (void)method, (void)version, (void)data, (void)n;
  if (*state == NULL) { /* an answer before all headers are taken ends the connection */
    *state = &begun;
    return MHD_YES;
  }
  struct MHD_Response *r = MHD_create_response_from_buffer(6, "answer", MHD_RESPMEM_PERSISTENT);
  enum MHD_Result result = MHD_queue_response(c, 200, r);
  MHD_destroy_response(r);
  return result;
}

int main(int argc, char **argv) {
  (void)argc;
  unsigned int flags = MHD_USE_INTERNAL_POLLING_THREAD;
  if (strstr(argv[1], "thread") != NULL) flags |= MHD_USE_THREAD_PER_CONNECTION;
  if (strstr(argv[1], "poll") != NULL) flags |= MHD_USE_POLL;
  if (strstr(argv[1], "auto") != NULL) flags |= MHD_USE_AUTO;
  if (strstr(argv[1], "epoll") != NULL) flags = MHD_USE_EPOLL_INTERNAL_THREAD;
  if (strstr(argv[1], "itc") != NULL) flags |= MHD_USE_ITC;
  struct MHD_Daemon *d =
      MHD_start_daemon(flags, 0, NULL, NULL, handle, NULL, MHD_OPTION_CONNECTION_LIMIT, 2U, MHD_OPTION_END);
  if (d == NULL) return 1;
  printf("%d %s\n", MHD_get_daemon_info(d, MHD_DAEMON_INFO_BIND_PORT)->port, MHD_get_version());
  fflush(stdout);
  pause();
}
C
cc -I"$work/root/usr/include" -o "$work/server" "$work/server.c" -L"$lib" -l:libmicrohttpd.so.12 -Wl,-rpath,"$lib" \
  -Wl,--allow-shlib-undefined
cat >"$work/client.py" <<'PY'
import socket
import sys

port = int(sys.argv[1])
ask = b"GET / HTTP/1.1\r\nHost: x\r\n%s\r\n"


def answered(s):
    got = b""
    try:
        while not got.endswith(b"answer"):
            some = s.recv(4096)
            if not some:
                return False
            got += some
    except ConnectionError:
        return False
    return True


kept = []
for _ in range(2):  # as many as may be, each of which has had an answer
    kept.append(socket.create_connection(("127.0.0.1", port)))
    kept[-1].sendall(ask % b"")
    assert answered(kept[-1])
one_more = socket.create_connection(("127.0.0.1", port))
one_more.settimeout(1)
try:
    one_more.sendall(ask % b"")
    ended = not answered(one_more)
except ConnectionError:
    ended = True
except TimeoutError:
    ended = False
if ended:
    print("reset at once")
else:
    kept[0].close()
    one_more.settimeout(20)
    print("waits, then is answered" if answered(one_more) else "waits, then nothing")
PY
ask() { # ask MODE
  rm -f "$work/port"
  "$work/server" "$1" >"$work/port" &
  until [ -s "$work/port" ]; do sleep 0.05; done
  read -r port _ <"$work/port"
  python3 "$work/client.py" "$port"
  kill $!
  wait $! 2>/dev/null || true
}
seen=$(for mode in "poll" "epoll" "select" "select, itc" "thread a connection, select" "thread a connection, select, itc" \
  "thread a connection, poll" "thread a connection, poll, itc" "thread a connection, auto"; do
  echo "$mode: $(ask "$mode")"
done)
read -r _ version <"$work/port"
echo "libmicrohttpd $version"
echo "$seen"
want="poll: waits, then is answered
epoll: waits, then is answered
select: reset at once
select, itc: waits, then is answered
thread a connection, select: reset at once
thread a connection, select, itc: waits, then is answered
thread a connection, poll: reset at once
thread a connection, poll, itc: reset at once
thread a connection, auto: reset at once"
[ "$version" = 0.9.75 ] && [ "$seen" = "$want" ] || { echo "changed"; exit 1; }
