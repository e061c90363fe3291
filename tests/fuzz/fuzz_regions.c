/* fuzz_regions.c - any bytes as a file that a source line names: an image in patches of 3 by 3, a matrix of two
 * columns. */
#include "given.h"
#include "text/region_file.h"

static void check_form(const RegionForm *form, const char *bytes, size_t size, int numbers) {
  RegionFile file = {0};
  Err err = {0};
  if (given_well(region_file_parse(&file, form, "given", bytes, size, &err), &err)) {
    CHECK(file.regions.n > 0 && file.regions.size == numbers && file.regions.at == file.at, "%d regions",
          file.regions.n);
    for (int i = 0; i < file.regions.n * numbers; i++)
      CHECK(file.at[i] - file.at[i] == 0, "number %d is not finite", i);
  }
  region_file_free(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *bytes = mem_text((const char *)data, size);
  check_form(&(RegionForm){.patch = 3, .max_side = 1000}, bytes, size, 9);
  check_form(&(RegionForm){.features = 2}, bytes, size, 2);
  mem_free(bytes);
  return 0;
}
