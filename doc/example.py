"""Translates lines of standard input with the library, by ctypes alone:  python3 example.py MODEL < input.txt
For each line it prints the translation, its log-probability, and the matrix of what it attended to."""
import ctypes
import json
import sys


class Error(ctypes.Structure):
    _fields_ = [("status", ctypes.c_int), ("text", ctypes.c_char * 1024)]


lib = ctypes.CDLL("libattn_seq2seq.so.0")
lib.attn_seq2seq_open.restype = ctypes.c_void_p
lib.attn_seq2seq_options.restype = ctypes.c_void_p
lib.attn_seq2seq_options.argtypes = [ctypes.c_void_p, ctypes.POINTER(Error)]
lib.attn_seq2seq_set.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_double, ctypes.POINTER(Error)]
lib.attn_seq2seq_translate.restype = ctypes.c_void_p
lib.attn_seq2seq_translate.argtypes = [ctypes.c_void_p, ctypes.POINTER(ctypes.c_char_p), ctypes.c_int,
                                       ctypes.c_void_p, ctypes.POINTER(Error)]
for name in "text", "json":
    getattr(lib, "attn_seq2seq_" + name).restype = ctypes.c_char_p
lib.attn_seq2seq_logprob.restype = ctypes.c_double
for name in "text", "json", "logprob":
    getattr(lib, "attn_seq2seq_" + name).argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int]
for name in "close", "options_free", "outputs_free":
    getattr(lib, "attn_seq2seq_" + name).argtypes = [ctypes.c_void_p]
    getattr(lib, "attn_seq2seq_" + name).restype = None


def texts(lines):
    return (ctypes.c_char_p * len(lines))(*[line.encode() for line in lines])


error = Error()


def checked(value):
    if not value:
        sys.exit(error.text.decode())
    return value


if len(sys.argv) != 2:
    sys.exit("usage: example.py MODEL < input.txt")
model = checked(lib.attn_seq2seq_open(texts(sys.argv[1:2]), 1, 0, ctypes.byref(error)))
options = checked(lib.attn_seq2seq_options(model, ctypes.byref(error)))
checked(lib.attn_seq2seq_set(options, b"attention", 1, ctypes.byref(error)))
lines = sys.stdin.read().splitlines()
outputs = checked(lib.attn_seq2seq_translate(model, texts(lines), len(lines), options, ctypes.byref(error)))
for i in range(len(lines)):
    print(lib.attn_seq2seq_text(outputs, i, 0).decode(), lib.attn_seq2seq_logprob(outputs, i, 0), sep="\t")
    for row in json.loads(lib.attn_seq2seq_json(outputs, i, 0))["alignment"]:
        print("  " + " ".join("%.2f" % weight for weight in row))
lib.attn_seq2seq_outputs_free(outputs)
lib.attn_seq2seq_options_free(options)
lib.attn_seq2seq_close(model)
