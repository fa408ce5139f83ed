#!/usr/bin/env bash
# Runs .clusterfuzzlite/build.sh as ClusterFuzzLite's base image does, and checks what it has built:
#     ci/clusterfuzzlite.sh [SANITIZER...]        address (which is what it does without one), undefined
#
# Each fuzz/*.cpp but the canary must be in $OUT, with a seed corpus and, where fuzz/dictionaries has
# one, a dictionary; it must start there and run its seed corpus. Then the check itself is checked: it
# must fail on a target that does not start, one that is missing, an empty corpus, a lost dictionary.
#
# What is not the same as in the image: the compiler is Debian's clang 19, and objects of an earlier run
# are used again, from build/clusterfuzzlite/work and from ccache where that is installed.
#
# Exit status: 0, all is as it should be; 1, something is missing or does not start; 2, wrong usage.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
base=$root/build/clusterfuzzlite

# The environment that the base image sets, sanitizer by sanitizer.
declare -A sanitizer_flags=(
    [address]="-fsanitize=address -fsanitize-address-use-after-scope"
    [undefined]="-fsanitize=array-bounds,bool,builtin,enum,float-divide-by-zero,function,\
integer-divide-by-zero,null,object-size,return,returns-nonnull-attribute,shift,\
signed-integer-overflow,unsigned-integer-overflow,unreachable,vla-bound,vptr \
-fno-sanitize-recover=array-bounds,bool,builtin,enum,float-divide-by-zero,function,\
integer-divide-by-zero,null,object-size,return,returns-nonnull-attribute,shift,\
signed-integer-overflow,unreachable,vla-bound,vptr"
)
common_flags="-O1 -fno-omit-frame-pointer -gline-tables-only \
-DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION"
coverage_flags=-fsanitize=fuzzer-no-link

sanitizers=("$@")
((${#sanitizers[@]} > 0)) || sanitizers=(address)
for sanitizer in "${sanitizers[@]}"; do
    if [[ -z ${sanitizer_flags[$sanitizer]-} ]]; then
        echo "ci/clusterfuzzlite.sh: '$sanitizer' is no sanitizer here; there are: ${!sanitizer_flags[*]}" >&2
        exit 2
    fi
done

names=()
for source in fuzz/*.cpp; do
    name=$(basename "$source" .cpp)
    [[ $name == canary ]] || names+=("$name")
done

# The files that the Dockerfile copies: those that git knows of or would add.
copy_sources() {
    rm -rf "$base/src"
    mkdir -p "$base/src/drydock"
    git ls-files -z --cached --others --exclude-standard --deduplicate |
        while IFS= read -r -d '' file; do [[ ! -f $file ]] || printf '%s\0' "$file"; done |
        xargs -0 cp -p --parents -t "$base/src/drydock"
    cp -p .clusterfuzzlite/build.sh "$base/src/"
}

# build SANITIZER: into $base/out-SANITIZER.
build() (
    export SRC=$base/src OUT=$base/out-$1 WORK=$base/work
    export SANITIZER=$1 ARCHITECTURE=x86_64 FUZZING_ENGINE=libfuzzer FUZZING_LANGUAGE=c++
    export CC=clang-19 CXX=clang++-19
    # The image's libFuzzer needs libc++ alone; Debian's is built with libstdc++.
    export LIB_FUZZING_ENGINE="-fsanitize=fuzzer -Wl,--no-as-needed,-lstdc++,--as-needed"
    export CFLAGS="$common_flags ${sanitizer_flags[$1]} $coverage_flags"
    export CXXFLAGS="$CFLAGS -stdlib=libc++"
    if command -v ccache >/dev/null; then
        export CMAKE_C_COMPILER_LAUNCHER=ccache CMAKE_CXX_COMPILER_LAUNCHER=ccache
        export CCACHE_BASEDIR=$base
    fi
    rm -rf "$OUT"
    mkdir -p "$OUT" "$WORK"
    cd "$SRC/drydock"
    bash -eu "$SRC/build.sh"
)

# target_fault OUT NAME: prints what is wrong with a target; nothing if all is right.
target_fault() {
    local out=$1 name=$2 corpus=$base/corpus log=$base/start.log
    local options=(-runs=0 -timeout=20)
    if [[ ! -x $out/$name ]]; then
        echo "is not in \$OUT"
        return
    fi
    rm -rf "$corpus"
    mkdir "$corpus"
    unzip -q "$out/${name}_seed_corpus.zip" -d "$corpus" 2>/dev/null || true
    if ! diff -rq "$root/fuzz/corpus/$name" "$corpus" >/dev/null || [[ -z $(ls "$corpus") ]]; then
        echo "has a seed corpus that is missing, empty, or not that of fuzz/corpus"
        return
    fi
    if [[ -f fuzz/dictionaries/$name.dict ]]; then
        if ! cmp -s "fuzz/dictionaries/$name.dict" "$out/$name.dict"; then
            echo "lacks its dictionary"
            return
        fi
        options+=(-dict="$out/$name.dict")
    fi
    if ! grep -qsx '\[libfuzzer\]' "$out/$name.options"; then
        echo "lacks its options"
        return
    fi
    if ! (cd "$out" && UBSAN_OPTIONS=silence_unsigned_overflow=1 \
        "./$name" "${options[@]}" "$corpus") >"$log" 2>&1 ||
        ! grep -q "files: $(find "$corpus" -type f | wc -l)" "$log"; then
        echo "does not start, or does not run its seed corpus; its last lines:"
        tail -n 3 "$log"
    fi
}

# check OUT NAME...: status 1, with a line for each fault.
check() {
    local out=$1 name fault status=0
    for name in "${@:2}"; do
        fault=$(target_fault "$out" "$name")
        [[ -n $fault ]] || continue
        echo "ci/clusterfuzzlite.sh: $name $fault"
        status=1
    done
    return "$status"
}

# must_fail OUT WHAT COMMAND...: the check must find what the command does to a copy of one target.
must_fail() {
    local copy=$base/broken name=framing
    rm -rf "$copy"
    mkdir "$copy"
    cp "$1/$name"* "$copy"
    (cd "$copy" && "${@:3}")
    if said=$(check "$copy" "$name"); then
        echo "ci/clusterfuzzlite.sh: the check does not find $2" >&2
        exit 1
    fi
    echo "found, as it must be: $2 (${said#*: })"
}

copy_sources
for sanitizer in "${sanitizers[@]}"; do
    build "$sanitizer" >"$base/build-$sanitizer.log" 2>&1 || {
        cat "$base/build-$sanitizer.log"
        echo "ci/clusterfuzzlite.sh: .clusterfuzzlite/build.sh failed for $sanitizer" >&2
        exit 1
    }
    out=$base/out-$sanitizer
    check "$out" "${names[@]}" || exit 1
    others=$(find "$out" -type f -executable -printf '%f\n' | grep -vxF "$(printf '%s\n' "${names[@]}")" || true)
    if [[ -n $others ]]; then
        echo "ci/clusterfuzzlite.sh: \$OUT has programs that are no targets: $others" >&2
        exit 1
    fi
    echo "$sanitizer: ${#names[@]} targets start and run their seed corpora: ${names[*]}"
done

must_fail "$out" "a target that does not start" cp /bin/false framing
must_fail "$out" "a target that is missing" rm framing
must_fail "$out" "a seed corpus that is missing" rm framing_seed_corpus.zip
must_fail "$out" "a seed corpus that is empty" zip -q -d framing_seed_corpus.zip '*'
must_fail "$out" "a dictionary that is missing" rm framing.dict
rm -rf "$base/broken" "$base/corpus"
