#!/bin/sh
# kiln.h in C99 and C++17 with all warnings, and a program over the shared library: tests/abi.c as both languages.
B=${B:-build}
passed=0 failed=0
try() { name=$1; shift; if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAIL $name"; fi; }
san=${ASAN:+-fsanitize=address,undefined}
try 'kiln.h as C99' ${CC:-cc} -std=c99 -pedantic -Wall -Wextra -Werror -fsyntax-only -x c include/kiln.h
try 'kiln.h as C++17' ${CXX:-c++} -std=c++17 -pedantic -Wall -Wextra -Werror -fsyntax-only -x c++ include/kiln.h
try 'abi.c compiles as C99' ${CC:-cc} -std=c99 -pedantic -Wall -Wextra -Werror $san -Iinclude -o "$B/test/abi_c" tests/abi.c -L"$B" -lkiln -lm
try 'abi.c runs' env LD_LIBRARY_PATH="$B" "$B/test/abi_c"
try 'abi.c compiles as C++17' ${CXX:-c++} -std=c++17 -pedantic -Wall -Wextra -Werror $san -Iinclude -o "$B/test/abi_cc" -x c++ tests/abi.c -L"$B" -lkiln -lm
try 'abi.c runs as C++' env LD_LIBRARY_PATH="$B" "$B/test/abi_cc"
try 'abi.c links with libkiln.a' ${CC:-cc} -std=c99 $san -Iinclude -o "$B/test/abi_a" tests/abi.c "$B/libkiln.a" -lm -lpthread -ldl
try 'abi.c runs, static' "$B/test/abi_a"
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
