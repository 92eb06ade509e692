#!/bin/sh
# build.sh NAME: tests/tools/NAME.c over the library's own objects in $B, as $B/test/NAME
B=${B:-build}
mkdir -p "$B/test"
san=${ASAN:+-fsanitize=address,undefined}
${CC:-cc} -std=gnu11 -O1 -g -Wall -Wextra $san -Isrc -Iinclude -o "$B/test/$1" "tests/tools/$1.c" \
    $(find "$B/obj" -name '*.o' ! -path '*/cli/*' ! -name libkiln.o) $LDFLAGS -lm -lpthread -ldl
