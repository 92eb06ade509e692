#!/bin/sh
# The committed corpus and all programs of the tree through the fuzzers' functions: what a fuzzer once found stays mended.
B=${B:-build}
san=${ASAN:+-fsanitize=address,undefined}
objects=$(find "$B/obj" -name '*.o' ! -path '*/cli/*' ! -path '*/base/mem.o' ! -name libkiln.o)
passed=0 failed=0
mkdir -p "$B/test/fuzz"
for target in parse eval run; do
    tool=$B/test/fuzz/$target
    if ! ${CC:-cc} -std=gnu11 -O1 -g -Wall -Wextra $san -Isrc -Iinclude -o "$tool" "tests/fuzz/$target.c" tests/fuzz/replay.c tests/fuzz/arena.c $objects \
        $LDFLAGS -lm -lpthread -ldl; then
        echo "FAIL $target does not compile"
        failed=$((failed + 1))
        continue
    fi
    files=$(find tests/fuzz/corpus lib examples tests -name '*.py' -size -16k | sort -u)
    [ "$target" != parse ] || files="$files $(find tests/fuzz/corpus/parse -type f ! -name '*.py' | sort)"
    while [ -n "$files" ]; do
        "$tool" $files > "$B/test/fuzz/out" 2> "$B/test/fuzz/err"
        status=$?
        n=$(grep -c ' s$' "$B/test/fuzz/out")
        passed=$((passed + n))
        [ "$status" -ne 0 ] || break
        at=$(tail -n 1 "$B/test/fuzz/out")
        failed=$((failed + 1))
        echo "FAIL $target $at: status $status"
        head -n 12 "$B/test/fuzz/err" | sed 's/^/    /'
        files=$(printf '%s\n' $files | awk -v at="$at" 'found {print} $0 == at {found = 1}')
    done
done
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
