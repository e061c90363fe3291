/* compare_page.h - what a comparison found as an HTML page that needs nothing else, and as JSON. Pure functions. */
#ifndef TRAIN_COMPARE_PAGE_H
#define TRAIN_COMPARE_PAGE_H

#include "train/compare_result.h"

void compare_page_html(Str *out, const CompareResult *result);
/* An object: "metric", "notes", "not_comparable" (columns), and "variants", each with its values and numbers, named as
 * in the tables; of several seeds the means, the standard deviations as NAME_sd, and "each", the numbers of every
 * training. What is not known is null. */
void compare_page_json(Str *out, const CompareResult *result);

#endif
