/* sentencepiece_proto.h - what the bytes of a SentencePiece model say that the library's interface does not: its
 * segmentation algorithm, how white space is marked, the kind and the score of each piece.
 *
 * The fields are those of sentencepiece_model.proto of the library, in the wire format of Protocol Buffers. A
 * SentencepieceProto belongs to its caller; sentencepiece_proto_free ends it. */
#ifndef TEXT_SENTENCEPIECE_PROTO_H
#define TEXT_SENTENCEPIECE_PROTO_H

#include <stdbool.h>
#include <stddef.h>

/* Of the message SentencePiece, its enum Type. */
typedef enum SentencepieceKind {
  SENTENCEPIECE_NORMAL = 1,
  SENTENCEPIECE_UNKNOWN = 2,
  SENTENCEPIECE_CONTROL = 3,
  SENTENCEPIECE_USER_DEFINED = 4,
  SENTENCEPIECE_UNUSED = 5,
  SENTENCEPIECE_BYTE = 6
} SentencepieceKind;

typedef struct SentencepieceProto {
  int model_type;       /* TrainerSpec.ModelType: 1 unigram, 2 bpe, 3 word, 4 char */
  bool suffix;          /* U+2581 ends a word instead of beginning it */
  int n_pieces, cap;    /* in the order of the library's ids */
  float *scores;        /* [n_pieces] */
  unsigned char *kinds; /* [n_pieces] SentencepieceKind */
} SentencepieceProto;

/* False when the bytes are no such message; then proto is empty. */
bool sentencepiece_proto_read(SentencepieceProto *proto, const char *bytes, size_t n);
void sentencepiece_proto_free(SentencepieceProto *proto);

#endif
