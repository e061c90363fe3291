// sentencepiece_shim.cc - see the header. No exception leaves this file.
#include "text/sentencepiece_shim.h"

#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

#include <exception>
#include <memory>
#include <new>
#include <string>
#include <unordered_map>
#include <vector>

extern "C" {
#include "base/mem.h"
}

struct SentencepieceShim {
  sentencepiece::SentencePieceProcessor processor;
};

namespace {

class Lines : public sentencepiece::SentenceIterator {
 public:
  Lines(SentencepieceFeeder feed, void *ctx) : feed_(feed), ctx_(ctx) { Lines::Next(); }
  bool done() const override { return done_; }
  const std::string &value() const override { return line_; }
  sentencepiece::util::Status status() const override { return sentencepiece::util::Status(); }
  void Next() override {
    const char *at;
    size_t n;
    done_ = !feed_(ctx_, &at, &n);
    if (!done_) line_.assign(at, n);
  }

 private:
  SentencepieceFeeder feed_;
  void *ctx_;
  bool done_ = false;
  std::string line_;
};

// What f does, which may throw. Memory that ran out ends as mem.h has it, once no exception is under way.
template <typename F>
bool guarded(F f) {
  try {
    return f();
  } catch (const std::bad_alloc &) {
  } catch (const std::exception &) {
    return false;
  }
  mem_exhausted("SentencePiece", "");
}

} // namespace

void sentencepiece_shim_exhausted(void (*end)(void)) { std::set_new_handler(end); }

bool sentencepiece_shim_train(const char *const *options, SentencepieceFeeder feed, void *feed_ctx,
                              SentencepieceTaker take, void *take_ctx) try {
  std::unordered_map<std::string, std::string> named;
  for (; *options != nullptr; options += 2) named[options[0]] = options[1];
  Lines lines(feed, feed_ctx);
  std::string model;
  const auto status = sentencepiece::SentencePieceTrainer::Train(named, &lines, &model);
  if (!status.ok()) model = status.message();
  take(take_ctx, model.data(), model.size());
  return status.ok();
} catch (const std::exception &e) {
  const std::string what = e.what();
  take(take_ctx, what.data(), what.size());
  return false;
}

SentencepieceShim *sentencepiece_shim_load(const char *bytes, size_t n) {
  SentencepieceShim *loaded = nullptr;
  (void)guarded([&] {
    auto shim = std::make_unique<SentencepieceShim>();
    const bool ok = shim->processor.LoadFromSerializedProto(absl::string_view(bytes, n)).ok();
    loaded = ok ? shim.release() : nullptr;
    return ok;
  });
  return loaded;
}

void sentencepiece_shim_free(SentencepieceShim *shim) { delete shim; }

int sentencepiece_shim_size(const SentencepieceShim *shim) { return shim->processor.GetPieceSize(); }

const char *sentencepiece_shim_piece(const SentencepieceShim *shim, int id) {
  return shim->processor.IdToPiece(id).c_str();
}

void sentencepiece_shim_specials(const SentencepieceShim *shim, int ids[4]) {
  const auto &p = shim->processor;
  ids[0] = p.pad_id();
  ids[1] = p.bos_id();
  ids[2] = p.eos_id();
  ids[3] = p.unk_id();
}

bool sentencepiece_shim_split(const SentencepieceShim *shim, const char *text, size_t n, SentencepiecePieceTaker take,
                              void *ctx) {
  return guarded([&] {
    sentencepiece::ImmutableSentencePieceText pieces;
    if (!shim->processor.Encode(absl::string_view(text, n), pieces.mutable_proto()).ok()) return false;
    const int n_pieces = static_cast<int>(pieces.pieces_size());
    for (int i = 0; i < n_pieces; i++) {
      const auto piece = pieces.pieces(i);
      take(ctx, piece.piece().data(), piece.piece().size(), piece.begin(), piece.end());
    }
    return true;
  });
}

bool sentencepiece_shim_join(const SentencepieceShim *shim, const char *const *pieces, int n, SentencepieceTaker take,
                             SentencepieceTaker whole, void *ctx) {
  return guarded([&] {
    const std::vector<absl::string_view> views(pieces, pieces + n);
    sentencepiece::ImmutableSentencePieceText text;
    if (!shim->processor.Decode(views, text.mutable_proto()).ok()) return false;
    for (int i = 0; i < n; i++) {
      const std::string &surface = text.pieces(i).surface();
      take(ctx, surface.data(), surface.size());
    }
    whole(ctx, text.text().data(), text.text().size());
    return true;
  });
}
