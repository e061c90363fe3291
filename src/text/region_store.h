/* region_store.h - the regions of the pairs of a corpus whose sources are not text. Belongs to its corpus; NULL or one
 * for all pairs. */
#ifndef TEXT_REGION_STORE_H
#define TEXT_REGION_STORE_H

#include <stddef.h>

#include "num/regions.h"

typedef struct RegionStore RegionStore;

/* Adds a copy; *store is made when it is NULL. */
void region_store_add(RegionStore **store, const Regions *regions);
/* NULL when store is. */
const Regions *region_store_get(const RegionStore *store, int i);
/* SHA-256 of all that is in it, as 64 hexadecimal digits and a NUL. */
void region_store_digest(const RegionStore *store, char hex[65]);
/* Bytes of heap; 0 when store is NULL. */
size_t region_store_bytes(const RegionStore *store);
void region_store_free(RegionStore *store); /* store may be NULL */

#endif
