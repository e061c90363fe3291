/* heatmap_json.h - sentences and what they attended to as the JSON that pages draw from: short keys, weights and
 * probabilities as thousandths, runs of noughts as one negative number.
 *
 *   {"n":1,"s":[source],"u":[unknown],"g":[source,target,sure,...],"k":1 cut,"i":image,"e":[head,...],"o":[output,...]}
 *   output: {"t":[target],"u":[unknown],"x":"text","c":score,"k":1 cut,"p":[probabilities],"w":[[weights]],
 *            "h":[head,...],"r":[head,...]}
 *   head: [layer,head,[[weights]]], in h of the look at the source, in e of the encoder's self-attention, in r of the
 *         decoder's
 *   image: as pixels.h has it
 *
 * Pure. */
#ifndef EVAL_HEATMAP_JSON_H
#define EVAL_HEATMAP_JSON_H

#include "eval/alignment.h"

/* Appends the beginning of a sentence, up to where its first output stands. gold: NULL, or its links. */
void heatmap_json_open(Str *out, const Alignment *a, const PharaohLinks *gold);
/* Appends an output; commas between them are the caller's. */
void heatmap_json_output(Str *out, const Alignment *a);
/* Appends the end of a sentence. */
void heatmap_json_close(Str *out);

#endif
