#!/bin/sh
# Runs the test groups one after another. A group is a command whose last line is "N passed, N failed, N skipped"; its whole output is
# kept in $B/test/NAME.log, its failures are shown. The very last line here is the sum, and nothing else.
#   ONLY="golden run"  these groups alone      ALL=1  the slow cases too      ASAN=1  the build has the sanitizers
# What is skipped is named once more before the last line. With CI=1 only a missing accelerator excuses a skip, any other is a failure.
B=${B:-build}
PYTHON=${PYTHON:-python3}
export B PYTHON ALL ASAN
export KILN="$B/kiln" LC_ALL=C PYTHONDONTWRITEBYTECODE=1 ASAN_OPTIONS=detect_leaks=0
mkdir -p "$B/test"
: > "$B/test/skipped"
[ -n "$ONLY" ] || : > "$B/test/codes"
excused='^SKIP cuda\|no CUDA device\|no NVIDIA driver'
passed=0 failed=0 skipped=0 start=$(date +%s)

group() {
    name=$1
    shift
    case " ${ONLY:-$name} " in *" $name "*) ;; *) return ;; esac
    log=$B/test/$name.log
    from=$(date +%s)
    "$@" > "$log" 2>&1
    status=$?
    last=$(tail -n 1 "$log")
    counts=$(echo "$last" | sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed\(, \([0-9]*\) skipped\)\{0,1\}$/\1 \2 \4/p')
    if [ -z "$counts" ]; then
        echo "FAIL $name: ended without a count, status $status: $last" >> "$log"
        counts="0 1 0"
    fi
    set -- $counts
    p=$1 f=$2 s=${3:-0}
    [ "$status" -ne 0 ] && [ "$f" -eq 0 ] && f=1 && echo "FAIL $name: status $status" >> "$log"
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    printf '%-10s %5d passed %4d failed %4d skipped %4d s\n' "$name" "$p" "$f" "$s" $(($(date +%s) - from))
    [ "$name" != rules ] || grep -a '^     *[0-9]* ' "$log"
    if [ "$f" -gt 0 ]; then grep -a -A 4 '^FAIL' "$log" | head -n 60 | sed 's/^/    /'; fi
    if [ "$s" -gt 0 ]; then
        grep -a '^SKIP' "$log" | sort | uniq -c | sed 's/^/    /' | head -n 8
        grep -a '^SKIP' "$log" | sort -u | sed "s/^SKIP/$name:/" >> "$B/test/skipped"
        bad=$(grep -a '^SKIP' "$log" | grep -vc "$excused")
        if [ -n "$CI" ] && [ "$bad" -gt 0 ]; then
            echo "    FAIL $name: $bad skipped without an accelerator to wait for"
            failed=$((failed + bad))
        fi
    fi
}

group rules     sh tests/rules
group unit      sh tests/unit.sh
group abi       sh tests/abi.sh
group python    $PYTHON tests/pyvalues.py
group mutants   $PYTHON tests/mutants.py
group bombs     $PYTHON tests/bombs.py
group inject    $PYTHON tests/inject.py
group fuzz      sh tests/fuzz/replay.sh
group golden    sh tests/check.sh
group refusals  $PYTHON tests/refusals.py
group cli       $PYTHON tests/cli.py
group messages  $PYTHON tests/messages.py
group failures  $PYTHON tests/failures.py
group dumps     $PYTHON tests/dumps.py
group passes    $PYTHON tests/passes.py
group verify    $PYTHON tests/verify.py
group ops       $PYTHON tests/ops.py
group run       $PYTHON tests/programs.py
group cases     $PYTHON tests/cases.py
group public    $PYTHON tests/conformance/run.py $([ -z "$ASAN" ] || echo --fast)
group language  $PYTHON tests/language/language.py
group schedule  $PYTHON tests/conformance/schedules.py $([ "$ALL" ] && echo --all || echo --targets=cuda)
[ "$ALL" ] && group judges $PYTHON tests/conformance/mutants.py
group cubin     $PYTHON tests/cubin.py
group ttcheck   $PYTHON tests/ttcheck.py
group mock      $PYTHON tests/target/metalium/mock.py
group cpu       $PYTHON tests/target/cpu/cpu.py
group emulated  $PYTHON tests/target/cuda/emulate.py
group cputext   $PYTHON tests/target/cpu/cpu.py
group docs      $PYTHON tests/docs.py
group codes     $PYTHON tests/codes.py

if [ -s "$B/test/skipped" ]; then echo 'skipped:' && cut -c 1-160 "$B/test/skipped" | sed 's/^/    /'; fi
echo "$(($(date +%s) - start)) s in all"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
