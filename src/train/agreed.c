#include "train/agreed.h"

#include <string.h>

void agreed_add(void *agreed, const char *line) {
  Agreed *a = agreed;
  if ((*strmap_at(&a->times, line, strlen(line)))++ == 0) str_addf(&a->lines, "%s\n", line);
}

void agreed_tell(const Agreed *a, int n, Warnings *warnings) {
  const char *end;
  for (const char *line = str_text(&a->lines); (end = strchr(line, '\n')) != NULL; line = end + 1) {
    int times = 0;
    if (strmap_get(&a->times, line, (size_t)(end - line), &times) && times == n)
      warnings_tell(warnings, "%.*s", (int)(end - line), line);
  }
}

void agreed_free(Agreed *a) {
  str_free(&a->lines);
  strmap_free(&a->times);
}
