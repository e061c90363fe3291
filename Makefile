# attn-seq2seq: `make` builds the program, `make demo` shows it, `make tour` shows each mechanism, `make check` tests it,
# `make install` installs it, `make dist` and `make deb` pack it.
# Flavours build in folders of their own (build/release, build/double, build/asan, ...), so none needs a `clean`.

PREFIX ?= /usr/local
DESTDIR ?=
FLAVOUR ?= release
ARCH ?=
FUZZ_SECONDS ?= 20
VERSION := 0.1.0
B := build/$(FLAVOUR)

PACKAGES := openblas libcjson zlib libutf8proc
# Used when they are there; `make SENTENCEPIECE=no`, `make PICTURES=no`, `make SERVE=no` and `make MPI=no` do
# without. The shim is the only C++. MPI is Open MPI by its pkg-config file, or any other by its compiler: `make MPICC=mpicc`.
OPTIONAL := $(if $(filter no,$(SENTENCEPIECE)),,sentencepiece) $(if $(filter no,$(PICTURES)),,pangocairo) \
  $(if $(filter no,$(SERVE)),,libmicrohttpd) $(if $(filter no,$(MPI))$(MPICC),,ompi-c)
SENTENCEPIECE ?= $(shell pkg-config --exists sentencepiece 2>/dev/null && command -v $(CXX) >/dev/null && echo yes || echo no)
SERVE ?= $(shell pkg-config --exists libmicrohttpd 2>/dev/null && echo yes || echo no)
PICTURES ?= $(shell pkg-config --exists pangocairo 2>/dev/null && echo yes || echo no)
MPICC ?=
MPI ?= $(shell { [ -n "$(MPICC)" ] || pkg-config --exists ompi-c; } 2>/dev/null && echo yes || echo no)
CXX_RUNTIME := $(if $(filter Darwin,$(shell uname -s)),-lc++,-lstdc++)
CFLAGS ?= -O3
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wdouble-promotion -Wstrict-prototypes -Wmissing-prototypes \
  -Wundef -Wvla -Wcast-qual -Wformat=2 -Wno-missing-field-initializers
WERROR ?=
march = $(if $(ARCH),-march=$(ARCH))
# The library is made of the program's objects: hidden, so that calls among them are direct nevertheless. Where there is
# no objcopy (macOS) it is left out; of sanitized objects and of those in double precision none is made.
LIBRARY ?= $(if $(filter Darwin,$(shell uname -s)),no,$(shell command -v objcopy >/dev/null && echo yes || echo no))
sanitize_address := -O1 -g -fsanitize=address,undefined,float-cast-overflow -fno-sanitize-recover=all -fno-omit-frame-pointer
flags_release := $(march)
flags_clang := $(march)
flags_double := $(march) -DREAL_DOUBLE
flags_bare := $(march)
flags_debug := -O1 -g -DDEBUG_FILL
flags_asan := $(sanitize_address) -DDEBUG_FILL -DLEAK_CHECK
flags_tsan := -O1 -g -fsanitize=thread -DBLAS_REF
flags_valgrind := -O1 -g -DBLAS_REF
# Counting branches keeps loops from becoming vectors, of which clang warns.
flags_fuzz := $(sanitize_address) -fsanitize=fuzzer-no-link -DBLAS_REF -Wno-pass-failed
HAVE_LIBRARY := $(if $(filter yes,$(LIBRARY)),$(if $(findstring sanitize,$(flags_$(FLAVOUR)))$(filter double,$(FLAVOUR)),,yes))
POSITION := $(if $(HAVE_LIBRARY),-fPIC -fvisibility=hidden)

# Homebrew keeps OpenBLAS where pkg-config does not look by itself.
BREW := $(shell brew --prefix 2>/dev/null)
ifneq ($(BREW),)
export PKG_CONFIG_PATH := $(BREW)/opt/openblas/lib/pkgconfig:$(PKG_CONFIG_PATH)
endif
PACKAGE_CFLAGS := $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
PACKAGE_LIBS := $(shell pkg-config --libs $(PACKAGES) 2>/dev/null)
ifeq ($(SENTENCEPIECE),yes)
SENTENCEPIECE_CFLAGS := $(shell pkg-config --cflags sentencepiece 2>/dev/null)
SENTENCEPIECE_LIBS := $(shell pkg-config --libs sentencepiece 2>/dev/null) $(CXX_RUNTIME)
endif
ifeq ($(PICTURES),yes)
PICTURE_CFLAGS := $(patsubst -I%,-isystem %,$(shell pkg-config --cflags pangocairo 2>/dev/null))
PICTURE_LIBS := $(shell pkg-config --libs pangocairo 2>/dev/null)
endif
ifeq ($(MPI),yes)
# What MPICC calls: `cc -I... -L... -l...`, as Open MPI and MPICH both show it.
MPI_SHOWN := $(if $(MPICC),$(shell $(MPICC) -show 2>/dev/null),$(shell pkg-config --cflags --libs ompi-c 2>/dev/null))
MPI_CFLAGS := $(patsubst -I%,-isystem %,$(filter -I% -D%,$(MPI_SHOWN)))
MPI_LIBS := $(filter -L% -l% -Wl%,$(MPI_SHOWN))
endif
ifeq ($(SERVE),yes)
SERVE_CFLAGS := $(shell pkg-config --cflags libmicrohttpd 2>/dev/null)
SERVE_LIBS := $(shell pkg-config --libs libmicrohttpd 2>/dev/null)
endif
CHECK_CFLAGS := $(shell pkg-config --cflags check 2>/dev/null)
CHECK_LIBS := $(shell pkg-config --libs check 2>/dev/null)
ALL_CFLAGS = -std=c11 -D_POSIX_C_SOURCE=200809L -Isrc -DVERSION='"$(VERSION)"' $(CFLAGS) $(WARNINGS) $(WERROR) \
  $(POSITION) $(flags_$(FLAVOUR)) $(DEFINES) -MMD -MP $(PACKAGE_CFLAGS)
# The C++ part of the run-time of -fsanitize=undefined comes with C++ linkers only.
ALL_CXXFLAGS = -std=c++17 -Isrc $(CFLAGS) -Wall -Wextra $(WERROR) $(POSITION) $(flags_$(FLAVOUR)) \
  $(if $(findstring sanitize,$(flags_$(FLAVOUR))),-fno-sanitize=undefined) -MMD -MP $(SENTENCEPIECE_CFLAGS)
LIBRARY_LIBS = $(SENTENCEPIECE_LIBS) $(PACKAGE_LIBS) -lpthread -lm
LIBS = $(PICTURE_LIBS) $(SERVE_LIBS) $(MPI_LIBS) $(LIBRARY_LIBS)

SRC := $(wildcard src/*/*.c)
# Compiled once for each set of instructions; src/num/kernels.c calls those that the processor has.
KERNEL_SRC := src/num/vec.c src/num/heads.c src/num/pack.c src/num/int8.c
X86 := $(filter x86_64%,$(shell $(CC) -dumpmachine))
# Sets that not every compiler or assembler knows: by the options that ask for it, and what it is used with.
known = $(if $(X86),$(shell echo 'int main(void) { return $(2); }' | $(CC) $(1) -x c -c -o /dev/null - 2>/dev/null && echo yes))
AVXVNNI := $(if $(call known,-mavxvnni,__builtin_cpu_supports("avxvnni")),avxvnni)
AMX := $(if $(call known,-mamx-tile -mamx-int8,({ __asm__("tilerelease"); 0; })),amx)
KERNEL_SETS := plain $(if $(X86),avx2 $(AVXVNNI) avx512 avx512vnni $(AMX))
KERNEL_NAMES := $(shell sed -n 's/^PROCEDURE.\([a-z0-9_]*\).*/\1/p; s/^FUNCTION.[a-zA-Z_]*, \([a-z0-9_]*\).*/\1/p' src/num/kernels.def)
# Each has the instructions of its set and no others, whatever ARCH or CFLAGS want of the rest.
kernels_plain := $(if $(X86),-march=x86-64)
kernels_avx2 := $(kernels_plain) -mavx2 -mfma
kernels_avx512 := $(kernels_avx2) -mavx512f -mavx512bw -mavx512dq -mavx512vl \
  $(shell $(CC) -mprefer-vector-width=512 -E - </dev/null >/dev/null 2>&1 && echo -mprefer-vector-width=512)
kernels_avxvnni := $(kernels_avx2) -mavxvnni
kernels_avx512vnni := $(kernels_avx512) -mavx512vnni
kernels_amx := $(kernels_avx512vnni) -mamx-tile -mamx-int8
KERNEL_OBJ := $(foreach set,$(KERNEL_SETS),$(KERNEL_SRC:%.c=$(B)/%.$(set).o))
OBJ := $(patsubst %.c,$(B)/%.o,$(filter-out $(KERNEL_SRC),$(SRC))) $(KERNEL_OBJ) $(if $(filter yes,$(SENTENCEPIECE)),$(B)/src/text/sentencepiece_shim.o)
LIB_OBJ := $(filter-out $(B)/src/cli/main.o,$(OBJ))
# Suites of the program as a user runs it (tests/test_system_*.c) wait on the program; one precision is enough for them.
SYSTEM_SUITES := $(wildcard tests/test_system_*.c)
LEFT_OUT := $(if $(filter double,$(FLAVOUR)),$(SYSTEM_SUITES))
SUITE_SRC := $(filter-out $(LEFT_OUT),$(wildcard tests/test_*.c))
TEST_SRC := $(filter-out $(LEFT_OUT),$(wildcard tests/*.c))
TEST_OBJ := $(TEST_SRC:%.c=$(B)/%.o)
FUZZ_SRC := $(wildcard tests/fuzz/fuzz_*.c)
FUZZERS := $(FUZZ_SRC:tests/fuzz/%.c=build/fuzz/%)

.PHONY: all
all: attn-seq2seq

attn-seq2seq: $(B)/attn-seq2seq
	cp $< $@

$(B)/attn-seq2seq: $(OBJ)
	@echo "link $@"
	@$(CC) $(ALL_CFLAGS) -o $@ $^ $(LIBS)
	$(call without,SENTENCEPIECE,sentencepiece,subwords)
	$(call without,PICTURES,pangocairo,SVG PNG and PDF)
	$(call without,MPI,ompi-c,more than one machine)
	$(call without,SERVE,libmicrohttpd,serve)

# without VARIABLE,PACKAGE,WHAT: says in a line what this build cannot do, and why.
without = $(if $(filter yes,$($(1))),,@echo "built without $(2) (no $(3)): \
  $(if $(filter file,$(origin $(1))),$$(CXX='$(CXX)' .ci/deps.sh --why $(2)),$(1)=$($(1)) was asked for)")

# ---- The library: what it needs of the program's objects as one object, whose names but its own nobody sees.

SONAME := libattn_seq2seq.so.$(firstword $(subst ., ,$(VERSION)))
LIBRARY_FILES := $(if $(HAVE_LIBRARY),$(B)/libattn_seq2seq.a $(B)/$(SONAME))
LIBRARY_EXAMPLES := $(if $(LIBRARY_FILES),$(B)/example-static $(B)/example-shared)

.PHONY: library
library: $(LIBRARY_FILES) $(B)/attn_seq2seq.pc

# A process that calls the library is one of its own, whatever started it: without MPI.
$(B)/alone.o: src/base/ranks.c
	@echo "cc   $@"
	@$(CC) $(ALL_CFLAGS) -DHAVE_MPI=0 -c -o $@ $<

$(B)/parts.a: $(filter-out $(B)/src/cli/% $(B)/src/library/% $(B)/src/base/ranks.o,$(OBJ)) $(B)/alone.o
	@rm -f $@
	@ar rc $@ $^

$(B)/libattn_seq2seq.a: $(B)/src/library/attn_seq2seq.o $(B)/parts.a
	@echo "link $@"
	@$(CC) -r -nostdlib -Wl,--force-group-allocation -o $(@:.a=.all.o) $^
	@objcopy --wildcard --keep-global-symbol='attn_seq2seq_*' $(@:.a=.all.o) $(@:.a=.o)
	@rm -f $@
	@ar rcs $@ $(@:.a=.o)

$(B)/$(SONAME): $(B)/libattn_seq2seq.a
	@echo "link $@"
	@$(CC) $(ALL_CFLAGS) -shared -Wl,-soname,$(SONAME) -Wl,-z,defs -o $@ $(<:.a=.o) $(LIBRARY_LIBS)
	@ln -sf $(SONAME) $(B)/libattn_seq2seq.so

$(B)/attn_seq2seq.pc: always
	@mkdir -p $(@D)
	@printf '%s\n' 'prefix=$(PREFIX)' 'libdir=$${prefix}/lib' 'includedir=$${prefix}/include' '' 'Name: attn_seq2seq' \
	  'Description: Translates and scores with attention sequence-to-sequence models' 'Version: $(VERSION)' \
	  'Libs: -L$${libdir} -lattn_seq2seq' \
	  'Libs.private: $(LIBRARY_LIBS)' 'Cflags: -I$${includedir}' >$@

$(B)/example-%: doc/example.c src/library/attn_seq2seq.h $(LIBRARY_FILES)
	@echo "link $@"
	@$(CC) -std=c99 $(WARNINGS) $(CFLAGS) -Isrc/library -o $@ $< \
	  $(if $(filter static,$*),$(B)/libattn_seq2seq.a $(LIBRARY_LIBS),-L$(B) -lattn_seq2seq '-Wl,-rpath,$$ORIGIN')

# One Check suite per test file: tests/test_NAME.c defines Suite *test_NAME(void); this list follows the folder.
$(B)/suites.def: $(SUITE_SRC)
	@mkdir -p $(@D)
	@printf 'SUITE(%s)\n' $(notdir $(basename $(SUITE_SRC))) > $@

$(B)/tests/runner.o: $(B)/suites.def

$(B)/tests/%.o: POSITION :=
$(B)/tests/%.o: tests/%.c | have-packages
	@mkdir -p $(@D)
	@echo "cc   $@"
	@$(CC) $(ALL_CFLAGS) $(CHECK_CFLAGS) -Itests -I$(B) -DPROGRAM='"$(B)/attn-seq2seq"' -DLIBRARY='"$(if $(LIBRARY_FILES),$(B))"' -c -o $@ $<

$(B)/%.o: %.c | have-packages
	@mkdir -p $(@D)
	@echo "cc   $@"
	@$(CC) $(ALL_CFLAGS) -c -o $@ $<

$(B)/%.o: %.cc | have-packages
	@mkdir -p $(@D)
	@echo "c++  $@"
	@$(CXX) $(ALL_CXXFLAGS) -c -o $@ $<

# Has the flags, and is newer than what was built with others.
flags_now := $(CFLAGS) $(POSITION) $(flags_$(FLAVOUR))
$(B)/flags: always
	@mkdir -p $(@D)
	@echo '$(flags_now)' | cmp -s - $@ || echo '$(flags_now)' >$@
$(OBJ): $(B)/flags

# Say whether the library is there, and are newer than what was built when the answer was another.
$(B)/sentencepiece: there = $(SENTENCEPIECE)
$(B)/pictures: there = $(PICTURES)
$(B)/serve: there = $(SERVE)
$(B)/mpi: there = $(MPI)
$(B)/sentencepiece $(B)/pictures $(B)/serve $(B)/mpi: always
	@mkdir -p $(@D)
	@echo $(there) | cmp -s - $@ || echo $(there) >$@
.PHONY: always
$(B)/src/serve/http.o: $(B)/serve
$(B)/src/serve/http.o: DEFINES := -DHAVE_SERVE=$(if $(filter yes,$(SERVE)),1,0) $(SERVE_CFLAGS)
$(B)/src/text/sentencepiece.o: $(B)/sentencepiece
$(B)/src/text/sentencepiece.o: DEFINES := -DHAVE_SENTENCEPIECE=$(if $(filter yes,$(SENTENCEPIECE)),1,0)

# Kernels use the widest vectors of their set, and fused multiply-add; each name ends with the set's. Vectors pass only
# between functions of one file, so that how a set passes them is of no matter.
$(KERNEL_OBJ): set = $(patsubst .%,%,$(suffix $(@:.o=)))
$(KERNEL_OBJ): DEFINES = $(foreach name,$(KERNEL_NAMES),-D$(name)=$(name)_$(set)) -ffp-contract=$(contract) -Wno-psabi $(kernels_$(set))
$(KERNEL_OBJ): contract = fast
# Those of 8 bits round alike in all sets.
$(filter $(B)/src/num/int8.%,$(KERNEL_OBJ)): contract = off
define of_set
$(B)/%.$(1).o: %.c src/num/kernels.def | have-packages
	@mkdir -p $$(@D)
	@echo "cc   $$@"
	@$$(CC) $$(ALL_CFLAGS) -c -o $$@ $$<
endef
$(foreach set,$(KERNEL_SETS),$(eval $(call of_set,$(set))))

$(B)/src/num/kernels.o: DEFINES := $(if $(AVXVNNI),-DHAVE_AVXVNNI) $(if $(AMX),-DHAVE_AMX)

# Pages that the program writes lie beside its sources; each becomes the bytes of a C array.
PAGES := $(wildcard src/*/*.html src/*/*.css src/*/*.js)
$(B)/%.inc: %
	@mkdir -p $(@D)
	@LC_ALL=C od -A n -v -t x1 $< | sed 's/[0-9a-f][0-9a-f]/0x&,/g' > $@

PAGE_OBJ := $(addprefix $(B)/src/,eval/page.o eval/heatmap_html.o train/train_report.o train/compare_page.o serve/serve_page.o)
$(PAGE_OBJ): DEFINES := -I$(B)
$(PAGE_OBJ): $(PAGES:%=$(B)/%.inc)

$(B)/src/eval/picture.o: $(B)/pictures
$(B)/src/eval/picture.o: DEFINES := -DHAVE_PICTURES=$(if $(filter yes,$(PICTURES)),1,0) $(PICTURE_CFLAGS)

$(B)/src/base/ranks.o: $(B)/mpi
$(B)/src/base/ranks.o: DEFINES := -DHAVE_MPI=$(if $(filter yes,$(MPI)),1,0) $(MPI_CFLAGS)

# vec.c holds the vector kernels: it alone may relax floating-point rules (its error is tested).
# Sums are reordered where a pragma says so, and nowhere else: exp needs its order.
$(B)/src/num/vec.%.o: CFLAGS += -fno-math-errno -fno-trapping-math -fno-signed-zeros -freciprocal-math \
  -fopenmp-simd

$(B)/runner: $(LIB_OBJ) $(TEST_OBJ) | $(B)/attn-seq2seq $(LIBRARY_EXAMPLES) $(if $(LIBRARY_FILES),$(B)/attn_seq2seq.pc)
	@echo "link $@"
	@$(CC) $(ALL_CFLAGS) -o $@ $^ $(LIBS) $(CHECK_LIBS)

$(B)/fuzz_%: $(B)/tests/fuzz/fuzz_%.o $(LIB_OBJ)
	@echo "link $@"
	@$(CC) $(ALL_CFLAGS) -fsanitize=fuzzer -o $@ $^ $(LIBS)

# ---- What people call. These build in a second make, because the flags above are read before `deps` has run. ----

cores := $(shell nproc 2>/dev/null || echo 2)
again = +@$(MAKE) --no-print-directory $(if $(filter -j%,$(MAKEFLAGS)),,-j$(cores))

.PHONY: have-packages deps
have-packages:
	@.ci/deps.sh --check $(PACKAGES)

# Installs what is missing, and nothing when all is there.
deps:
	@.ci/deps.sh $(PACKAGES) check $(OPTIONAL:%=--optional %)

# All tests, in float and in double (where the gradients are checked).
.PHONY: check
check: deps
	$(again) attn-seq2seq build/release/runner
	$(again) FLAVOUR=double build/double/runner
	@tests/run.sh release double

# Trains a small translator before your eyes, in about a minute.
.PHONY: demo
demo: deps
	$(again) attn-seq2seq
	@.ci/demo.sh

# Runs every command of doc/TOUR.md and writes its figures and pictures into it, in some ten minutes.
.PHONY: tour
tour: deps
	$(again) attn-seq2seq
	@doc/tour.sh

# Every other flavour: `make build-asan` builds its tests, `make asan` runs them, each suite in a process of its own.
# SUITES names some of them, BUDGET bounds the seconds, and what was left out is said (tests/run.sh):
# make tsan SUITES="test_pool test_train" BUDGET=600
SUITES ?=
BUDGET ?= 86400
RUN_FLAVOURS := bare clang asan tsan valgrind
FLAVOURS := $(RUN_FLAVOURS) debug fuzz
with_bare := SENTENCEPIECE=no PICTURES=no SERVE=no MPI=no
with_clang := CC=clang CXX=clang++
with_fuzz := $(with_clang)
# ThreadSanitizer cannot follow a fork of a process with threads, so all tests of a suite run in one process. The program
# that system suites start would not be under valgrind; under ThreadSanitizer a limit on the size of files kills it.
run_tsan := CK_FORK=no FIRST="test_pool test_mem test_learner test_optim test_beam test_train test_pack" \
  WITHOUT="$(notdir $(basename $(SYSTEM_SUITES)))"
run_valgrind := CK_FORK=no RUN="valgrind -q --error-exitcode=9 --exit-on-first-error=no" \
  FIRST="test_arena test_io test_json test_safetensors test_sha256 test_str test_utf8" \
  WITHOUT="$(notdir $(basename $(SYSTEM_SUITES)))"

.PHONY: $(RUN_FLAVOURS) $(FLAVOURS:%=build-%)
$(FLAVOURS:%=build-%): build-%: deps
	$(again) FLAVOUR=$* $(with_$*) $(if $(filter fuzz,$*),$(FUZZERS),build/$*/runner)

$(RUN_FLAVOURS): %: build-%
	@BUDGET=$(BUDGET) $(run_$*) tests/run.sh $* -- $(SUITES)

# Each tests/fuzz/fuzz_NAME.c for FUZZ_SECONDS, words and seeds beside it (tests/fuzz/run.sh); what is found lies in
# build/fuzz/.
.PHONY: fuzz
.SECONDARY: $(FUZZ_SRC:%.c=build/fuzz/%.o)
fuzz: build-fuzz
	$(again) attn-seq2seq
	@rm -rf build/fuzz/seeds && tests/fuzz/seeds.sh ./attn-seq2seq build/fuzz/seeds
	@tests/fuzz/run.sh $(FUZZ_SECONDS) $(FUZZERS)

# doc/RELIABILITY.md, from runs of both precisions and of every fuzzer.
.PHONY: reliability
reliability: check fuzz
	tests/reliability.sh > doc/RELIABILITY.md

.PHONY: format lint analyse
format:
	clang-format -i src/*/*.[ch] src/*/*.cc tests/*.[ch] tests/fuzz/*.[ch]

lint: attn-seq2seq
	clang-format --dry-run -Werror src/*/*.[ch] src/*/*.cc tests/*.[ch] $(FUZZ_SRC)
	tests/lint.sh

analyse:
	cppcheck -q --std=c11 --enable=warning,performance,portability --suppress=invalidFunctionArg \
	  --suppress=ctunullpointer --suppress=returnDanglingLifetime --error-exitcode=1 -Isrc src

# What a change must pass, whole: .ci/run alone is as much of it as goes into an hour. Says what it left out.
.PHONY: ci
ci:
	@.ci/run --whole

# Where bash, zsh and fish look for completions, below share/.
COMPLETIONS := bash-completion/completions/attn-seq2seq zsh/site-functions/_attn-seq2seq \
  fish/vendor_completions.d/attn-seq2seq.fish
.PHONY: install uninstall
install: attn-seq2seq library
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1
ifeq ($(HAVE_LIBRARY),yes)
	install -d $(DESTDIR)$(PREFIX)/include $(DESTDIR)$(PREFIX)/lib/pkgconfig
	install -m 644 src/library/attn_seq2seq.h $(DESTDIR)$(PREFIX)/include/attn_seq2seq.h
	install -m 644 $(B)/libattn_seq2seq.a $(DESTDIR)$(PREFIX)/lib/libattn_seq2seq.a
	install -m 644 $(B)/$(SONAME) $(DESTDIR)$(PREFIX)/lib/$(SONAME)
	ln -sf $(SONAME) $(DESTDIR)$(PREFIX)/lib/libattn_seq2seq.so
	install -m 644 $(B)/attn_seq2seq.pc $(DESTDIR)$(PREFIX)/lib/pkgconfig/attn_seq2seq.pc
endif
	install -m 755 attn-seq2seq $(DESTDIR)$(PREFIX)/bin/attn-seq2seq
	install -m 644 attn-seq2seq.1 $(DESTDIR)$(PREFIX)/share/man/man1/attn-seq2seq.1
	install -d $(addprefix $(DESTDIR)$(PREFIX)/share/,$(dir $(COMPLETIONS)))
	./attn-seq2seq completion bash >$(DESTDIR)$(PREFIX)/share/$(word 1,$(COMPLETIONS))
	./attn-seq2seq completion zsh >$(DESTDIR)$(PREFIX)/share/$(word 2,$(COMPLETIONS))
	./attn-seq2seq completion fish >$(DESTDIR)$(PREFIX)/share/$(word 3,$(COMPLETIONS))

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/attn-seq2seq $(DESTDIR)$(PREFIX)/share/man/man1/attn-seq2seq.1 \
	  $(addprefix $(DESTDIR)$(PREFIX)/,include/attn_seq2seq.h lib/libattn_seq2seq.a lib/libattn_seq2seq.so lib/$(SONAME) \
	  lib/pkgconfig/attn_seq2seq.pc) \
	  $(addprefix $(DESTDIR)$(PREFIX)/share/,$(COMPLETIONS))

# The source archive, and a Debian package of what `install` installs.
.PHONY: dist deb
dist:
	@.ci/dist.sh $(VERSION)

deb: attn-seq2seq
	@MAKE='$(MAKE)' .ci/deb.sh $(VERSION)

.PHONY: clean
clean:
	rm -rf build attn-seq2seq

-include $(OBJ:.o=.d) $(TEST_OBJ:.o=.d) $(FUZZ_SRC:%.c=$(B)/%.d)
