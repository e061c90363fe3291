/* safetensors.h - reading and writing safetensors files: 8-byte little-endian header length, JSON header, tensors.
 *
 * The reader maps the file and believes nothing in it: any file that opens has every tensor inside the file, whole,
 * with no overlap and no hole. Tensors, their names and data, and metadata texts are views that live until
 * safetensors_close. An open file is read-only and may be used from any thread; a writer belongs to one thread. */
#ifndef NUM_SAFETENSORS_H
#define NUM_SAFETENSORS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum { SAFETENSORS_MAX_RANK = 8 };

/* The element types of the format; X(name, bytes of one element). */
/* clang-format off */
#define SAFETENSORS_TYPES(X) \
  X(F32, 4) X(F64, 8) X(U8, 1) X(I32, 4) X(I64, 8) X(U64, 8) X(U32, 4) X(F16, 2) X(BF16, 2) X(I8, 1) \
  X(I16, 2) X(U16, 2) X(BOOL, 1) X(F8_E4M3, 1) X(F8_E5M2, 1) X(F8_E8M0, 1)
/* clang-format on */

#define SAFETENSORS_CONSTANT(name, size) SAFETENSORS_##name,
typedef enum SafeTensorType { SAFETENSORS_TYPES(SAFETENSORS_CONSTANT) SAFETENSORS_N_TYPES } SafeTensorType;
#undef SAFETENSORS_CONSTANT

typedef struct SafeTensor {
  const char *name;
  SafeTensorType type;
  int rank;
  size_t shape[SAFETENSORS_MAX_RANK];
  size_t n, n_bytes; /* elements (1 for rank 0) and bytes */
  const void *data;  /* little-endian, row-major; in files of other programs perhaps not aligned */
} SafeTensor;

const char *safetensors_type_name(SafeTensorType type); /* "F32", ... */

typedef struct SafeTensors SafeTensors;

/* NULL, with the reason, when the file is not a whole and valid safetensors file (ERR_FILE). */
SafeTensors *safetensors_open(const char *path, Err *err);
/* The same for bytes[0..n) in memory, which stay the caller's and must outlive the result. name is for messages. */
SafeTensors *safetensors_open_bytes(const void *bytes, size_t n, const char *name, Err *err);
void safetensors_close(SafeTensors *st);
/* False when somebody has written to the file since it was opened: what was read of it cannot be trusted. */
bool safetensors_unchanged(const SafeTensors *st, Err *err);

int safetensors_count(const SafeTensors *st);
/* Tensor i of 0 .. count-1 in header order. */
const SafeTensor *safetensors_at(const SafeTensors *st, int i);
/* NULL when there is no such tensor. */
const SafeTensor *safetensors_find(const SafeTensors *st, const char *name);
/* The text of a `__metadata__` key, NULL when missing. */
const char *safetensors_metadata(const SafeTensors *st, const char *key);
/* Walks the keys in file order: NULL gives the first one, a key that was given the one after it, NULL at the end. */
const char *safetensors_next_key(const SafeTensors *st, const char *key);
/* Copies the n elements of a tensor of type F32, aligned or not. */
void safetensors_copy_f32(const SafeTensor *tensor, float *out);

typedef struct SafeTensorsWriter SafeTensorsWriter;

/* Starts PATH.tmp. Nothing stands at PATH before safetensors_publish. */
SafeTensorsWriter *safetensors_create(const char *path, Err *err);
/* key and text (UTF-8) are copied; a key may be put once. */
void safetensors_put_metadata(SafeTensorsWriter *w, const char *key, const char *text);
/* The name is copied, data is borrowed until safetensors_finish. A name may be put once. */
void safetensors_put(SafeTensorsWriter *w, const char *name, SafeTensorType type, int rank, const size_t *shape,
                     const void *data);
/* Writes and fsyncs PATH.tmp: metadata and tensors in the order they were put, types of larger elements first, the data
 * 64-byte aligned in the file; same puts, same bytes. Removes PATH.tmp and frees w on failure. */
bool safetensors_finish(SafeTensorsWriter *w, Err *err);
/* True when a file stands at PATH and holds other bytes than the finished one. */
bool safetensors_changes(const SafeTensorsWriter *w);
/* Renames a finished PATH.tmp to PATH and frees w; on failure removes PATH.tmp, and what stood at PATH stays. */
bool safetensors_publish(SafeTensorsWriter *w, Err *err);
/* safetensors_finish and safetensors_publish. */
bool safetensors_commit(SafeTensorsWriter *w, Err *err);
/* Removes PATH.tmp and frees w; w may be NULL. */
void safetensors_abandon(SafeTensorsWriter *w);

#endif
