/* link_store.h - the links between the tokens of many sentences. Belongs to its maker; const once filled. */
#ifndef TEXT_LINK_STORE_H
#define TEXT_LINK_STORE_H

#include <stddef.h>

#include "num/ids.h"

typedef struct LinkStore LinkStore;
/* Gives sentence number i, above those before, its links; makes the store when there is none. */
void link_store_add(LinkStore **store, int i, const TokenLink *links, int n);
/* Those of sentence i, *n of them; store may be NULL. */
const TokenLink *link_store_get(const LinkStore *store, int i, int *n);
size_t link_store_bytes(const LinkStore *store);
void link_store_free(LinkStore *store);

#endif
