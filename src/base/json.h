/* json.h - JSON values, the one door to cJSON.
 *
 * json_parse gives a tree that its caller frees with json_free; values inside it belong to the tree. Syntax errors name
 * line and column, repeated keys their path; the key ".." of a path in a message is written as a.b[2].c.
 * Numbers are doubles; strings never hold NUL. Not shared between threads while being changed. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

typedef struct cJSON Json;
typedef enum JsonType { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT } JsonType;

/* Parses text[0..n). name is what messages call the source. kind is the kind of error a bad text is. NULL on failure:
 * broken syntax, invalid UTF-8, trailing text, nesting over 64, repeated keys, numbers that are not finite, \u0000 in a
 * string. */
Json *json_parse(const char *text, size_t n, const char *name, ErrKind kind, Err *err);
void json_free(Json *json);

JsonType json_type(const Json *json);
const char *json_type_name(JsonType type); /* "a number", "an object", ... */
bool json_bool(const Json *json);
double json_number(const Json *json);
const char *json_string(const Json *json);
/* Number of items of an array or members of an object. */
int json_count(const Json *json);
/* Member by exact name, NULL when missing. */
Json *json_get(const Json *object, const char *key);
/* First child of an array or object, and the next one; NULL at the end. */
Json *json_first(const Json *json);
Json *json_next(const Json *child);
const char *json_key(const Json *child);

Json *json_new_object(void);
Json *json_new_array(void);
Json *json_new_string(const char *text);
Json *json_new_number(double value);
Json *json_new_bool(bool value);
/* The parent takes ownership of value; a member of the same name is replaced. */
void json_set(Json *object, const char *key, Json *value);
void json_append(Json *array, Json *value);
/* Removes and frees a member, if there. */
void json_remove(Json *object, const char *key);
Json *json_copy(const Json *json);
/* Appends the text; pretty = objects over lines, indented. Numbers are printed so that they read back as the same
 * double (json_print.c). */
void json_print(Str *out, const Json *json, bool pretty);
/* Appends text as a quoted JSON string. */
void json_quote(Str *out, const char *text);

#endif
