#include "eval/alignment_details.h"

#include <limits.h>
#include <math.h>

#include "base/mem.h"
#include "eval/pixels.h"

static bool bad_key(const char *place, const char *key, const char *what, Err *err) {
  return err_set(err, ERR_FILE, "%s: \"%s\" is to be %s", place, key, what);
}

/* Positions below n, as marks. */
static bool read_positions(bool *marks, int n, const Json *array, const char *key, const char *place, Err *err) {
  static const char what[] = "an array of positions of its tokens, from 0";
  if (json_type(array) != JSON_ARRAY) return bad_key(place, key, what, err);
  for (const Json *item = json_first(array); item != NULL; item = json_next(item)) {
    double at = json_type(item) == JSON_NUMBER ? json_number(item) : -1;
    if (!(at >= 0 && at < n) || at != (int)at) return bad_key(place, key, what, err);
    marks[(int)at] = true;
  }
  return true;
}

static bool read_flag(bool *flag, const Json *object, const char *key, const char *place, Err *err) {
  const Json *value = json_get(object, key);
  *flag = false;
  if (value == NULL) return true;
  if (json_type(value) != JSON_BOOL) return bad_key(place, key, "true or false", err);
  *flag = json_bool(value);
  return true;
}

bool alignment_details_integer(long *value, const Json *object, const char *key, long low, long missing) {
  const Json *item = json_get(object, key);
  *value = missing;
  if (item == NULL) return missing >= low;
  if (json_type(item) != JSON_NUMBER || json_number(item) < (double)low || json_number(item) > INT_MAX) return false;
  *value = (long)json_number(item);
  return (double)*value == json_number(item);
}

bool alignment_details_is_weight(double value) { return value >= 0 && value <= 1.001; }

bool alignment_details_weights(float *to, const Json *row, int n) {
  if (json_type(row) != JSON_ARRAY || json_count(row) != n) return false;
  for (const Json *item = json_first(row); item != NULL; item = json_next(item)) {
    if (json_type(item) != JSON_NUMBER || !alignment_details_is_weight(json_number(item))) return false;
    *to++ = (float)json_number(item);
  }
  return true;
}

/* A key of numbers, one a token of a side. */
typedef struct Numbers {
  const char *key, *side;
  int n;
} Numbers;

/* Replaces *numbers by such an array, where it stands; one may be null: not finite. */
static bool read_numbers(double **numbers, const Numbers *of, const Json *object, const char *place, Err *err) {
  const Json *array = json_get(object, of->key);
  mem_free(*numbers);
  *numbers = NULL;
  if (array == NULL) return true;
  if (json_type(array) != JSON_ARRAY || json_count(array) != of->n)
    return err_set(err, ERR_FILE, "%s: \"%s\" is to be an array of a number a %s token", place, of->key, of->side);
  double *at = *numbers = mem_alloc((size_t)of->n + 1, sizeof **numbers, "alignment");
  for (const Json *item = json_first(array); item != NULL; item = json_next(item))
    *at++ = json_type(item) == JSON_NUMBER ? json_number(item) : -(double)INFINITY;
  return true;
}

/* The source position that each target token was looked at with. */
static bool read_chosen(AlignmentFile *file, const Json *object, const char *place, Err *err) {
  static const char what[] = "an array of a source position, from 0, a target token";
  const Json *array = json_get(object, "chosen");
  int n = file->source.n, m = file->target.n;
  mem_free(file->chosen);
  file->chosen = NULL;
  if (array == NULL) return true;
  if (json_type(array) != JSON_ARRAY || json_count(array) != m) return bad_key(place, "chosen", what, err);
  int *to = file->chosen = mem_alloc((size_t)m + 1, sizeof *file->chosen, "alignment");
  for (const Json *item = json_first(array); item != NULL; item = json_next(item)) {
    double at = json_type(item) == JSON_NUMBER ? json_number(item) : -1;
    if (!(at >= 0 && at < n) || at != (int)at) return bad_key(place, "chosen", what, err);
    *to++ = (int)at;
  }
  return true;
}

/* What may stand with it: the output line, its score, what its tokens cost, where local_p looked, steps of
 * tokens. */
static bool read_output(AlignmentFile *file, const Json *object, const char *place, Err *err) {
  const Json *text = json_get(object, "text"), *score = json_get(object, "score");
  str_clear(&file->text);
  if (text != NULL && json_type(text) != JSON_STRING) return bad_key(place, "text", "a string", err);
  if (text != NULL) str_adds(&file->text, json_string(text));
  file->score = score != NULL && json_type(score) == JSON_NUMBER ? json_number(score) : (double)NAN;
  int n = file->source.n, m = file->target.n;
  return read_numbers(&file->logprobs, &(Numbers){"token_logprob", "target", m}, object, place, err) &&
         read_chosen(file, object, place, err) &&
         read_numbers(&file->positions, &(Numbers){"position", "target", m}, object, place, err) &&
         read_numbers(&file->source_steps, &(Numbers){"source_ponder", "source", n}, object, place, err) &&
         read_numbers(&file->target_steps, &(Numbers){"target_ponder", "target", m}, object, place, err) &&
         (file->positions == NULL || alignment_details_integer(&file->window, object, "window", 1, 0) ||
          bad_key(place, "window", "a whole number from 1", err));
}

static bool read_marks(AlignmentFile *file, const Json *object, const char *place, Err *err) {
  int n = file->source.n, m = file->target.n;
  const Json *source = json_get(object, "source_unknown"), *target = json_get(object, "target_unknown");
  mem_free(file->unknown);
  file->unknown = NULL;
  if (source != NULL && target != NULL) {
    file->unknown = mem_zero((size_t)n + (size_t)m, sizeof *file->unknown, "alignment");
    if (!read_positions(file->unknown, n, source, "source_unknown", place, err) ||
        !read_positions(file->unknown + n, m, target, "target_unknown", place, err))
      return false;
  }
  return read_flag(&file->source_cut, object, "source_cut", place, err) &&
         read_flag(&file->target_cut, object, "target_cut", place, err);
}

static bool read_image(AlignmentFile *file, const Json *object, const char *place, Err *err) {
  const Json *image = json_get(object, "image");
  file->image.regions = (Regions){0};
  return image == NULL || pixels_read(&file->image, file->source.n, image) ||
         bad_key(place, "image", "an image cut into as many patches as there are source tokens", err);
}

bool alignment_details_read(AlignmentFile *file, const Json *object, const char *place, Err *err) {
  return read_output(file, object, place, err) && read_marks(file, object, place, err) &&
         read_image(file, object, place, err);
}
