/* vectors.h - word vectors as word2vec (Mikolov et al. 2013) and GloVe (Pennington et al. 2014) write them as text: a
 * line holds a word and its numbers, separated by blanks; a first line "WORDS NUMBERS" may stand before. A word may be
 * empty or hold blanks, which no vocabulary has; but without such a first line the first word may not. Gzip is read
 * too. */
#ifndef TEXT_VECTORS_H
#define TEXT_VECTORS_H

#include "num/tensor.h"
#include "text/vocab.h"

/* Sets the rows of embedding [V,E] whose words have a vector in the file, of several the first; the others stay. Gives
 * how many were found, -1 on failure: a vector not of size E, a number that is none, fewer lines than the first line
 * says. Only the numbers of words of the vocabulary are looked at. warnings may be NULL. */
int vectors_read(const char *path, const Vocab *vocab, Tensor *embedding, Warnings *warnings, Err *err);

#endif
