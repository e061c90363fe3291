#include "text/sentencepiece_proto.h"

#include <stdint.h>
#include <string.h>

#include "base/mem.h"

/* Numbers of fields. */
enum { PIECES = 1, TRAINER_SPEC = 2, PIECE_SCORE = 2, PIECE_TYPE = 3, MODEL_TYPE = 3, WHITESPACE_AS_SUFFIX = 24 };

enum { MOST_PIECES = 1 << 30 };

typedef struct Wire {
  const unsigned char *at, *end;
} Wire;

/* A field: a number of 32 or 64 bits or a varint in value, or bytes. */
typedef struct Field {
  uint64_t number, value;
  Wire bytes;
} Field;

static bool take_varint(Wire *w, uint64_t *value) {
  *value = 0;
  for (int shift = 0; shift < 64 && w->at < w->end; shift += 7) {
    unsigned char byte = *w->at++;
    *value |= (uint64_t)(byte & 0x7F) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

static bool take_fixed(Wire *w, int n, uint64_t *value) {
  if (w->end - w->at < n) return false;
  *value = 0;
  for (int i = 0; i < n; i++) *value |= (uint64_t)*w->at++ << (8 * i);
  return true;
}

static bool take_bytes(Wire *w, Wire *bytes) {
  uint64_t n;
  if (!take_varint(w, &n) || n > (uint64_t)(w->end - w->at)) return false;
  *bytes = (Wire){w->at, w->at + n};
  w->at += n;
  return true;
}

static bool take_field(Wire *w, Field *field) {
  uint64_t key;
  *field = (Field){0};
  if (!take_varint(w, &key)) return false;
  field->number = key >> 3;
  switch (key & 7) {
    case 0:
      return take_varint(w, &field->value);
    case 1:
      return take_fixed(w, 8, &field->value);
    case 2:
      return take_bytes(w, &field->bytes);
    case 5:
      return take_fixed(w, 4, &field->value);
    default:
      return false;
  }
}

static bool read_piece(SentencepieceProto *p, Wire w) {
  if (p->n_pieces == MOST_PIECES) return false;
  if (p->n_pieces == p->cap) {
    p->cap = 2 * p->cap + 256;
    p->scores = mem_grow(p->scores, (size_t)p->cap, sizeof *p->scores, "subword model");
    p->kinds = mem_grow(p->kinds, (size_t)p->cap, sizeof *p->kinds, "subword model");
  }
  float score = 0;
  unsigned char kind = SENTENCEPIECE_NORMAL;
  for (Field f; w.at < w.end;) {
    if (!take_field(&w, &f)) return false;
    uint32_t bits = (uint32_t)f.value;
    if (f.number == PIECE_SCORE) memcpy(&score, &bits, sizeof score);
    if (f.number == PIECE_TYPE && f.value <= SENTENCEPIECE_BYTE) kind = (unsigned char)f.value;
  }
  p->scores[p->n_pieces] = score;
  p->kinds[p->n_pieces++] = kind;
  return true;
}

static bool read_trainer(SentencepieceProto *p, Wire w) {
  for (Field f; w.at < w.end;) {
    if (!take_field(&w, &f)) return false;
    if (f.number == MODEL_TYPE) p->model_type = (int)(f.value & 7);
    if (f.number == WHITESPACE_AS_SUFFIX) p->suffix = f.value != 0;
  }
  return true;
}

static bool read_model(SentencepieceProto *p, Wire w) {
  for (Field f; w.at < w.end;) {
    if (!take_field(&w, &f)) return false;
    if (f.number == PIECES && !read_piece(p, f.bytes)) return false;
    if (f.number == TRAINER_SPEC && !read_trainer(p, f.bytes)) return false;
  }
  return true;
}

bool sentencepiece_proto_read(SentencepieceProto *proto, const char *bytes, size_t n) {
  const unsigned char *at = (const unsigned char *)bytes;
  *proto = (SentencepieceProto){.model_type = 1};
  if (read_model(proto, (Wire){at, at + n})) return true;
  sentencepiece_proto_free(proto);
  return false;
}

void sentencepiece_proto_free(SentencepieceProto *proto) {
  mem_free(proto->scores);
  mem_free(proto->kinds);
  *proto = (SentencepieceProto){0};
}
