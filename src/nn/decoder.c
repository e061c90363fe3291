#include "nn/decoder.h"

#define DECODER(name) extern const DecoderDef decoder_##name;
#include "nn/decoders.def"
#undef DECODER

static const DecoderDef *const decoders[] = {
#define DECODER(name) &decoder_##name,
#include "nn/decoders.def"
#undef DECODER
};

const DecoderDef *decoder_def(DecoderKind kind) { return decoders[kind]; }
