#!/bin/sh
# Each tests/unit/NAME_test.c is a program over the library's own objects; it prints "N passed, N failed" at its end. A program whose
# checks all hold counts once; of the others every failure counts.
B=${B:-build}
CC=${CC:-cc}
flags="-std=gnu11 -O1 -g -Wall -Wextra -Isrc -Iinclude"
[ -n "$ASAN" ] && flags="$flags -fsanitize=address,undefined"
objects=$(find "$B/obj" -name '*.o' ! -path '*/cli/*' ! -name libkiln.o)
passed=0 failed=0
mkdir -p "$B/test/unit"
for src in tests/unit/*_test.c; do
    name=$(basename "$src" .c)
    if ! $CC $flags -o "$B/test/unit/$name" "$src" $objects $LDFLAGS -lm -lpthread -ldl; then
        echo "FAIL $name does not compile"
        failed=$((failed + 1))
        continue
    fi
    out=$("$B/test/unit/$name")
    status=$?
    counts=$(echo "$out" | tail -n 1 | sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed.*/\1 \2/p')
    set -- ${counts:-0 1}
    [ "$status" -eq 0 ] || [ "$2" -gt 0 ] || set -- "$1" 1
    [ "$2" -eq 0 ] || { echo "FAIL $name"; echo "$out" | head -n 25; }
    [ "$2" -gt 0 ] || passed=$((passed + 1))
    failed=$((failed + $2))
    echo "$name: $1 passed, $2 failed"
done
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
