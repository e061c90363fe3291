"""Load on `attn-seq2seq serve`: many clients that ask for a line each, again and again, and check every answer against what
`translate` says of the line.  python3 tests/peer/serve_load.py PROGRAM MODEL LINES [CLIENTS REQUESTS SLOW]

Prints requests a second of the service, lines a second of `translate` on as many of the same lines, their quotient, and times of
an answer. SLOW clients besides send a byte now and then, shut down their half of a connection, go away in the middle, or send
headers without end."""
import asyncio
import json
import re
import subprocess
import sys
import time

program, model, path = sys.argv[1:4]
n_clients, n_requests, n_slow = (int(a) for a in (sys.argv[4:] + ["64", "10000", "20"][len(sys.argv) - 4:]))


def begin():
    server = subprocess.Popen([program, "serve", "-m", model, "--port", "0"], stderr=subprocess.PIPE)
    return server, int(re.search(rb":(\d+)/ ;", server.stderr.readline()).group(1))


def request(line):
    body = json.dumps({"text": line}).encode()
    head = "POST /translate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    return (head % len(body)).encode() + body


async def answer(reader):
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(re.search(rb"Content-Length: (\d+)", head).group(1))
    return int(head.split()[1]), await reader.readexactly(length)


async def client(port, work, times, wrong):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while work:
        line, want = work.pop()
        start = time.perf_counter()
        writer.write(request(line))
        status, body = await answer(reader)
        times.append(time.perf_counter() - start)
        if status != 200 or json.loads(body)["outputs"][0][0]["text"] != want:
            wrong.append((status, line, body))
    writer.close()


async def slow(port, kind, until):
    while not until.is_set():
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            data = request("a b c")
            if kind == 0:
                for byte in data:
                    writer.write(bytes([byte]))
                    await asyncio.sleep(0.02)
                await answer(reader)
            elif kind == 1:
                writer.write(data)
                writer.write_eof()
                await answer(reader)
            elif kind == 2:
                writer.write(data[:-3])
                await asyncio.sleep(0.01)
            else:
                writer.write(b"GET /health HTTP/1.1\r\nHost: x\r\n")
                end = asyncio.ensure_future(reader.read())
                while not end.done():
                    writer.write(b"A: b\r\n")
                    await asyncio.sleep(0.2)
            writer.close()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        await asyncio.sleep(0.05)


async def load(port, work):
    times, wrong, until = [], [], asyncio.Event()
    others = [asyncio.create_task(slow(port, i % 4, until)) for i in range(n_slow)]
    start = time.perf_counter()
    await asyncio.gather(*(client(port, work, times, wrong) for _ in range(n_clients)))
    seconds = time.perf_counter() - start
    until.set()
    for task in others:
        task.cancel()
    return seconds, sorted(times), wrong


def translated(lines):
    start = time.perf_counter()
    done = subprocess.run([program, "translate", "-m", model], input="".join(line + "\n" for line in lines).encode(),
                          capture_output=True, check=True)
    return time.perf_counter() - start, done.stdout.decode().splitlines()


with open(path, encoding="utf-8") as text:
    given = text.read().splitlines()
lines = [given[i % len(given)] for i in range(n_requests)]
alone, outputs = translated(lines)
server, port = begin()
seconds, times, wrong = asyncio.run(load(port, list(zip(lines, outputs))[::-1]))
server.terminate()
status = server.wait()
print("%d requests of %d clients, %d slow or broken ones besides: %d wrong, exit status %d" %
      (len(times), n_clients, n_slow, len(wrong), status))
print("%.0f requests/s; translate %.0f lines/s; quotient %.2f" % (len(times) / seconds, len(lines) / alone, alone / seconds))
print("ms an answer: p50 %.1f, p90 %.1f, p99 %.1f, most %.1f" %
      tuple(1000 * times[min(int(p * len(times)), len(times) - 1)] for p in (0.5, 0.9, 0.99, 1)))
for one in wrong[:5]:
    print("wrong:", one)
sys.exit(len(wrong) > 0 or status != 0)
