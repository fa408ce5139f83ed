#!/bin/bash -eu
# Builds each fuzz target into $OUT, with its seed corpus, its dictionary and its options beside it, as
# ClusterFuzzLite and OSS-Fuzz look for them. Their base image starts this script in the source tree
# and sets $SRC, $OUT, $WORK, $CC, $CXX, $CFLAGS, $CXXFLAGS and $LIB_FUZZING_ENGINE; $CXXFLAGS has the
# flags of the sanitizer. ci/clusterfuzzlite.sh runs it without the image.
set -o pipefail

source_dir=$SRC/drydock
build_dir=$WORK/build-$SANITIZER-$ARCHITECTURE

# Warnings are the business of the project's own CI, whose compilers are known.
cmake -S "$source_dir" -B "$build_dir" -G Ninja -DDRYDOCK_FUZZ=ON -DDRYDOCK_TESTS=OFF \
    -DDRYDOCK_WERROR=OFF -DDRYDOCK_FUZZ_ENGINE="$LIB_FUZZING_ENGINE" \
    -DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=24

targets=()
for source in "$source_dir"/fuzz/*.cpp; do
    name=$(basename "$source" .cpp)
    # The canary is broken on purpose, so that the project's own CI can see that fuzzing finds it.
    [[ $name == canary ]] || targets+=("$name")
done
cmake --build "$build_dir" --target "${targets[@]/#/fuzz_}"

for name in "${targets[@]}"; do
    cp "$build_dir/fuzz/fuzz_$name" "$OUT/$name"
    rm -f "$OUT/${name}_seed_corpus.zip"
    zip -q -j -r "$OUT/${name}_seed_corpus.zip" "$source_dir/fuzz/corpus/$name"
    # An input of a few kilobytes decides a whole run; longer ones add only time.
    printf '[libfuzzer]\nmax_len = 4096\n' >"$OUT/$name.options"
    if [[ -f $source_dir/fuzz/dictionaries/$name.dict ]]; then
        cp "$source_dir/fuzz/dictionaries/$name.dict" "$OUT/$name.dict"
    fi
done
