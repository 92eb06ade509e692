#!/bin/sh
# The fuzzers, in $B: clang's libFuzzer with the address and undefined-behaviour sanitizers, over an arena that watches its edges.
B=${B:-build/fuzz}
CLANG=${CLANG:-$(command -v clang-19 || command -v clang)}
if [ -z "$CLANG" ] && [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null 2>&1; then
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y clang; } >&2
    CLANG=$(command -v clang)
fi
[ -n "$CLANG" ] || { echo 'missing: clang; on Debian:  sudo apt-get install clang' >&2; exit 3; }
SAN="-O2 -g1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined"
mkdir -p "$B"
${MAKE:-make} --no-print-directory B="$B" CC="$CLANG" CFLAGS="-Wno-error" OPT="$SAN -fsanitize=fuzzer-no-link -fno-sanitize-coverage=trace-cmp" objects > "$B.log" 2>&1 ||
    { grep -A3 'error' "$B.log" | head -n 20; exit 1; }
for target in ${*:-parse eval run}; do
    $CLANG -std=gnu11 -Wall -Wextra -Isrc -Iinclude $SAN -fsanitize=fuzzer -o "$B/$target" "tests/fuzz/$target.c" tests/fuzz/mutate.c tests/fuzz/arena.c \
        $(find "$B/obj" -name '*.o' ! -path '*/cli/*' ! -path '*/base/mem.o' ! -name libkiln.o) -lm -lpthread -ldl || exit 1
done
