/* fuzz_log.c - any bytes as the log of a training that is summed up. */
#include "given.h"
#include "train/train_log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  Err err = {0};
  TrainLogSummary summary;
  (void)given_well(train_log_summary(given_file(data, size), &summary, &err), &err);
  return 0;
}
