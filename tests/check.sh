#!/bin/sh
# Golden tests: what to do is told by the suffix beside tests/*/NAME.py; the options of the command by a line "# kiln: ..." in it, the kernel by "# entry: ..."
#   .ast .tile    the stage's text                    .sched        the schedule (options name the target, perhaps a pass)
#   .c .cu        the target's text                   .reader.cpp .compute.cpp .writer.cpp   one file of it
#   .err          the messages of `kiln check`, which must refuse the program
#   .warn         the messages of `kiln check`, which must accept it
# What is printed for a .tile or .sched is given to the command again and must print itself. UPDATE=1 rewrites the goldens.
KILN=${KILN:-build/kiln}
passed=0 failed=0
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

compare() {     # compare GOLDEN GOT
    if [ -n "$UPDATE" ]; then cmp -s "$1" "$2" || { cp "$2" "$1"; echo "UPDATED $1"; }; passed=$((passed + 1)); return; fi
    if cmp -s "$1" "$2"; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAIL $1"; diff "$1" "$2" | head -n 12; fi
}
bad() { failed=$((failed + 1)); echo "FAIL $1"; }

for golden in $(find tests -name '*.ast' -o -name '*.tile' -o -name '*.sched' -o -name '*.err' -o -name '*.warn' -o -name '*.c' -path 'tests/target/*' \
    -o -name '*.cu' -o -name '*.reader.cpp' -o -name '*.compute.cpp' -o -name '*.writer.cpp' | sort); do
    base=${golden%.*}
    case $golden in *.reader.cpp | *.compute.cpp | *.writer.cpp) base=${base%.*} ;; esac
    [ -f "$base.py" ] || base=${base%.*}        # NAME.cuda.sched beside NAME.py
    [ -f "$base.py" ] || continue
    opts=$(sed -n 's/^# kiln: //p' "$base.py" | head -n 1)
    entry=$(sed -n 's/^# entry: //p' "$base.py" | head -n 1) program=$base.py${entry:+:$entry}
    got=$tmp/out
    stage=${golden##*.}
    case $golden in
    *.ast) "$KILN" emit --emit=ast $opts "$program" > "$got" 2> "$tmp/err" || bad "$golden: $(head -n 1 "$tmp/err")" ;;
    *.tile) "$KILN" emit --emit=tile $opts "$program" > "$got" 2> "$tmp/err" || bad "$golden: $(head -n 1 "$tmp/err")" ;;
    *.sched)
        mid=${golden#"$base"} mid=${mid%.sched} target=${mid#.}
        "$KILN" emit --emit=sched ${target:+--target=$target} $opts "$program" > "$got" 2> "$tmp/err" || bad "$golden: $(head -n 1 "$tmp/err")" ;;
    *.err | *.warn)
        "$KILN" check $opts "$program" 2> "$got" > /dev/null
        status=$?
        if [ "$stage" = err ] && [ "$status" -ne 1 ]; then bad "$golden: status $status, not 1"; fi
        if [ "$stage" = warn ] && [ "$status" -ne 0 ]; then bad "$golden: status $status, not 0"; fi ;;
    *)
        target=$(basename "$(dirname "$golden")")
        mkdir -p "$tmp/text" && rm -f "$tmp"/text/*
        "$KILN" emit --emit=text --target="$target" $opts -o "$tmp/text" "$base.py" 2> "$tmp/err" || bad "$golden: $(head -n 1 "$tmp/err")"
        case $golden in
        *.c | *.cu) cat "$tmp"/text/* > "$got" ;;
        *) role=${golden%.cpp} role=${role##*.}; cat "$tmp"/text/*"$role"* > "$got" ;;
        esac ;;
    esac
    compare "$golden" "$got"
    case $golden in *.tile | *.sched)
        "$KILN" emit --emit=tile "$golden" > "$tmp/again" 2> "$tmp/err" || bad "$golden does not read back: $(head -n 1 "$tmp/err")"
        compare "$golden" "$tmp/again" ;;
    esac
done
mkdir -p "${B:-build}/test"
find tests -name '*.err' -o -name '*.warn' | xargs grep -oh '[a-z]\[E[0-9]*\]' | grep -o 'E[0-9]*' | sort -u >> "${B:-build}/test/codes"      # tests/codes.py
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
