/* json_print.c - JSON values as text. cJSON's own printer rounds numbers to 15 digits, too few for a seed or a learning
 * rate to survive a model file. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"

static void print_string(Str *out, const char *text) {
  str_addc(out, '"');
  for (; *text != '\0'; text++) {
    unsigned char c = (unsigned char)*text;
    if (c == '"' || c == '\\') str_addf(out, "\\%c", c);
    else if (c == '\n') str_adds(out, "\\n");
    else if (c == '\t') str_adds(out, "\\t");
    else if (c == '\r') str_adds(out, "\\r");
    else if (c < 0x20 || c == 0x7F) str_addf(out, "\\u%04x", c);
    else str_addc(out, (char)c);
  }
  str_addc(out, '"');
}

/* Whole numbers that a double counts exactly without exponent, others with the fewest digits that read back the same.
 */
static void print_number(Str *out, double value) {
  const double exact = 9007199254740992.0; /* 2^53 */
  char text[32];
  if (!isfinite(value)) {
    str_adds(out, "null");
    return;
  }
  if (value == trunc(value) && fabs(value) < exact) {
    str_addf(out, "%.0f", value == 0 ? 0.0 : value);
    return;
  }
  for (int digits = 15; digits <= 17; digits++) {
    (void)snprintf(text, sizeof text, "%.*g", digits, value);
    if (strtod(text, NULL) == value) break;
  }
  str_adds(out, text);
}

static void line_end(Str *out, int depth) {
  str_addc(out, '\n');
  for (int i = 0; i < depth; i++) str_adds(out, "  ");
}

static void print(Str *out, const Json *json, bool pretty, int depth);

static void print_object(Str *out, const Json *json, bool pretty, int depth) {
  const Json *first = json_first(json);
  str_addc(out, '{');
  for (const Json *child = first; child != NULL; child = json_next(child)) {
    if (child != first) str_addc(out, ',');
    if (pretty) line_end(out, depth + 1);
    print_string(out, json_key(child));
    str_adds(out, pretty ? ": " : ":");
    print(out, child, pretty, depth + 1);
  }
  if (pretty && first != NULL) line_end(out, depth);
  str_addc(out, '}');
}

static void print_array(Str *out, const Json *json, bool pretty, int depth) {
  const Json *first = json_first(json);
  str_addc(out, '[');
  for (const Json *child = first; child != NULL; child = json_next(child)) {
    if (child != first) str_adds(out, pretty ? ", " : ",");
    print(out, child, pretty, depth);
  }
  str_addc(out, ']');
}

static void print(Str *out, const Json *json, bool pretty, int depth) {
  switch (json_type(json)) {
    case JSON_NULL:
      str_adds(out, "null");
      break;
    case JSON_BOOL:
      str_adds(out, json_bool(json) ? "true" : "false");
      break;
    case JSON_NUMBER:
      print_number(out, json_number(json));
      break;
    case JSON_STRING:
      print_string(out, json_string(json));
      break;
    case JSON_ARRAY:
      print_array(out, json, pretty, depth);
      break;
    case JSON_OBJECT:
      print_object(out, json, pretty, depth);
      break;
  }
}

void json_print(Str *out, const Json *json, bool pretty) { print(out, json, pretty, 0); }
