#!/bin/sh
# Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
# SPDX-License-Identifier: LGPL-3.0-or-later
#
# Bad input, by every way into the program: the right exit status (it stands in the name of a file in
# tests/bad), one message that names file and place, within two seconds, under 200 MB, and nothing
# left behind. A program with sanitizers gets ten seconds and no bound of memory: it reserves
# terabytes of addresses.

set -u
LC_ALL=C
export LC_ALL
number=0

seconds=2
sanitized=no
if grep -q -a __asan_init "$CAUSTIC"
then
    sanitized=yes
    seconds=10
fi

ok()
{
    number=$((number + 1))
    echo "ok $number - $1"
}

not_ok()
{
    number=$((number + 1))
    echo "not ok $number - $1"
    printf '%s\n' "$2" | head -n 20 | cut -c 1-300 | sed 's/^/# /'
}

# run COMMAND...: the program within its bounds; output in out and err, status in $found.
run()
{
    (
        [ $sanitized = yes ] || ulimit -v 204800
        cd "$TMPDIR/work" || exit 1
        exec timeout $seconds "$@"
    ) > "$TMPDIR/out" 2> "$TMPDIR/err" < /dev/null
    found=$?
}

# refused TITLE STATUS PATTERN COMMAND...: the status, one line of message that matches, no output,
# and no file more or less where the program ran.
refused()
{
    title=$1 wanted=$2 pattern=$3
    shift 3
    find "$TMPDIR/work" | sort > "$TMPDIR/before"
    run "$@"
    find "$TMPDIR/work" | sort > "$TMPDIR/after"
    if [ $found -eq 124 ]
    then
        not_ok "$title" "still running after $seconds s"
    elif [ $found -ne "$wanted" ]
    then
        not_ok "$title" "exit status $found, expected $wanted: $(cat "$TMPDIR/out" "$TMPDIR/err")"
    elif [ "$(grep -c -v "^Try 'caustic " "$TMPDIR/err")" -ne 1 ]
    then
        not_ok "$title" "expected one message: $(cat "$TMPDIR/err")"
    elif ! grep -q -e "^caustic: .*$pattern" "$TMPDIR/err"
    then
        not_ok "$title" "the message does not match '$pattern': $(cat "$TMPDIR/err")"
    elif [ -s "$TMPDIR/out" ]
    then
        not_ok "$title" "unexpected output: $(cat "$TMPDIR/out")"
    elif ! cmp -s "$TMPDIR/before" "$TMPDIR/after"
    then
        not_ok "$title" "files left behind: $(diff "$TMPDIR/before" "$TMPDIR/after")"
    else
        ok "$title"
    fi
}

skip()
{
    number=$((number + 1))
    echo "ok $number - $1 # SKIP $2"
}

work=$TMPDIR/work
mkdir -p "$work"
bad=$CAUSTIC_SOURCE/tests/bad
chain=$CAUSTIC_SOURCE/cases/mlp/relu-chain-2.yaml

# Every file in tests/bad, by its name. Exit 65 names the line; 74 the file that could not be read.
for file in "$bad"/*.yaml
do
    name=$(basename "$file" .yaml)
    status=${name%%-*}
    place=": "
    [ "$status" -ne 65 ] || place=":[0-9][0-9]*:[0-9][0-9]*: "
    refused "$name" "$status" "/tests/bad/[^:]*$place" "$CAUSTIC" derive "$file"
done

# Every command reads the whole file first.
for command in verify shock table
do
    refused "$command refuses as derive does" 65 '65-undeclared-symbol.yaml:5:11: undeclared' \
        "$CAUSTIC" $command "$bad/65-undeclared-symbol.yaml"
done

# loss TEXT: a case with that loss. expression TITLE STATUS PATTERN TEXT
loss()
{
    printf 'name: bad\nparameters: [{name: z}]\nmetric: euclidean\nloss: "%s"\n' "$1" > "$work/case.yaml"
}

expression()
{
    loss "$4"
    refused "$1" "$2" "case.yaml:4:[0-9]*: .*$3" "$CAUSTIC" derive "$work/case.yaml"
}

repeat()
{
    awk -v n="$1" -v text="$2" 'BEGIN { for (i = 0; i < n; i++) printf "%s", text }'
}

expression '200,000 parentheses' 65 'nested' "$(repeat 200000 '(')z$(repeat 200000 ')')"
expression '300,000 signs' 65 'nested' "$(repeat 300000 '-')z"
expression '300,000 opening functions' 65 'nested' "$(repeat 200000 'exp(')z"
expression '200,000 powers' 65 'nested\|limit' "$(repeat 200000 'z^')z"
expression 'a nest of 50,000 sines' 65 'nested' "$(repeat 50000 'z*sin(z+')z$(repeat 50000 ')')"
expression '45,000 different terms' 65 'nodes' "$(awk 'BEGIN { for (i = 0; i < 45000; i++) printf "sin(%d*z)+", i }')z"
expression 'a division by zero' 65 'division by zero' 'z/(1-1)'
expression 'an exponent of 10^20' 65 'limit' 'z^100000000000000000000'
expression 'an exponent of 10^-10^9' 65 'limit\|digits' 'z^1e-1000000000'
expression 'a number of 10^9 digits' 65 'limit\|digits' '1e1000000000*z'
expression 'a number with an exponent beyond 64 bits' 65 'limit\|digits' '1e99999999999999999999*z'
expression 'a number of 100,000 digits' 65 'limit\|digits' "$(repeat 100000 7)*z"
expression 'a power of numbers beyond every limit' 65 'limit\|digits\|large' '(9^9999)^9999*z'
expression 'a tower of numbers' 65 'limit\|digits\|large' '9^9^9^9*z'
expression 'nothing' 65 'expected' ''
expression 'only blanks' 65 'expected' '   '
expression 'a logarithm of zero' 65 '' 'log(1-1)*z'
expression 'an unknown function' 65 '' 'gamma(z)'
expression 'a function without argument' 65 '' 'exp()'
expression 'two expressions' 65 '' 'z z'
expression 'an equation for a loss' 65 '' 'z = 1'
expression 'a name of 100,000 letters' 65 'undeclared' "$(repeat 100000 q)"

printf 'name: bad\npreset: {kind: relu-chain, depth: 1e11}\n' > "$work/case.yaml"
refused 'depth 1e11' 65 'case.yaml:2:[0-9]*: .*depth' "$CAUSTIC" derive "$work/case.yaml"
printf 'name: bad\npreset: {kind: relu-chain, depth: 99999999999999999999999}\n' > "$work/case.yaml"
refused 'a depth beyond 64 bits' 65 'case.yaml:2:[0-9]*: .*too large' "$CAUSTIC" derive "$work/case.yaml"
printf 'name: bad\npreset: {kind: relu-neuron, inputs: 10001}\n' > "$work/case.yaml"
refused 'more parameters than the limit' 65 'case.yaml:2:[0-9]*: ' "$CAUSTIC" derive "$work/case.yaml"
repeat 1048577 '#' > "$work/case.yaml"
refused 'a file of 1 MiB and a byte' 65 'case.yaml: .*1 MiB' "$CAUSTIC" derive "$work/case.yaml"
head -c 500000 /dev/urandom > "$work/case.yaml"
refused 'noise' 65 'case.yaml:[0-9]*:[0-9]*: ' "$CAUSTIC" derive "$work/case.yaml"
head -c 500000 /dev/zero > "$work/case.yaml"
refused 'zeros' 65 'case.yaml:1:1: ' "$CAUSTIC" derive "$work/case.yaml"
: > "$work/case.yaml"
refused 'an empty file' 65 'case.yaml:1:1: ' "$CAUSTIC" derive "$work/case.yaml"

# Every beginning of a whole case: bad input, or, from some length on, a case; never anything else.
size=$(wc -c < "$chain")
at=1 wrong=''
while [ $at -lt "$size" ]
do
    head -c $at "$chain" > "$work/case.yaml"
    run "$CAUSTIC" derive "$work/case.yaml"
    case $found in
        65) grep -q '^caustic: .*case.yaml:[0-9]*:[0-9]*: ' "$TMPDIR/err" || wrong="$wrong $at(no place)" ;;
        0 | 1 | 2) ;;
        *) wrong="$wrong $at($found)" ;;
    esac
    at=$((at + 13))
done
[ -z "$wrong" ] && ok 'every truncation of a case' || not_ok 'every truncation of a case' "at $wrong"
rm -f "$work/case.yaml"

# Places that are no files.
refused 'a missing file' 74 'missing.yaml: ' "$CAUSTIC" derive "$work/missing.yaml"
refused 'a missing directory' 74 'none/missing.yaml: ' "$CAUSTIC" derive "$work/none/missing.yaml"
refused 'an empty name' 74 '' "$CAUSTIC" derive ''
refused 'a name of 10,000 letters' 74 '' "$CAUSTIC" derive "$(repeat 10000 n)"
refused 'a device' 74 '/dev/zero: ' "$CAUSTIC" derive /dev/zero
mkdir -p "$work/none-here/below"
refused 'a directory without cases' 64 'none-here: ' "$CAUSTIC" derive "$work/none-here"
mkfifo "$work/fifo.yaml"
refused 'a pipe that nobody writes' 74 'fifo.yaml: ' "$CAUSTIC" derive "$work/fifo.yaml"
ln -s missing "$work/dangling.yaml"
refused 'a link to nothing' 74 'dangling.yaml: ' "$CAUSTIC" derive "$work/dangling.yaml"
ln -s loop.yaml "$work/loop.yaml"
refused 'a link to itself' 74 'loop.yaml: ' "$CAUSTIC" derive "$work/loop.yaml"
mkdir -p "$work/loops/one"
ln -s .. "$work/loops/one/up"
ln -s . "$work/loops/self.yaml"
refused 'a directory with links in a circle' 64 'loops: ' "$CAUSTIC" derive "$work/loops"
cp "$chain" "$work/loops/one/good.yaml"
run "$CAUSTIC" derive "$work/loops"
[ $found -eq 0 ] && ok 'the case in it is found once' || not_ok 'the case in it is found once' "$found: $(cat "$TMPDIR/err")"
refused 'a case is no directory' 74 'good.yaml/x: ' "$CAUSTIC" derive "$work/loops/one/good.yaml/x"

deep=$work/deep
mkdir -p "$deep"
(cd "$deep" && i=0 && while [ $i -lt 200 ] && mkdir d && cd d; do i=$((i + 1)); done)
refused 'directories 200 deep' 64 'deep: ' "$CAUSTIC" derive "$deep"

printf 'name: secret\n' > "$work/secret.yaml"
chmod 000 "$work/secret.yaml"
if [ "$(id -u)" = 0 ]
then
    skip 'a file without permission' 'root may read everything'
else
    refused 'a file without permission' 74 'secret.yaml: ' "$CAUSTIC" derive "$work/secret.yaml"
fi

# Data files. data FILE: a case that reads it.
data()
{
    printf 'name: bad\nparameters: [{name: z}]\nmetric: euclidean\ndata: {file: %s}\nloss: "z^2"\n' "$1" > "$work/case.yaml"
}

data /dev/zero
refused 'a device for data' 74 '/dev/zero: ' "$CAUSTIC" derive "$work/case.yaml"
data fifo.yaml
refused 'a pipe for data' 74 'fifo.yaml: ' "$CAUSTIC" derive "$work/case.yaml"
data none.csv
refused 'missing data' 74 'none.csv: ' "$CAUSTIC" derive "$work/case.yaml"
data big.csv
repeat 600000 '1,' > "$work/big.csv"
refused 'a data file beyond 1 MiB' 65 'big.csv' "$CAUSTIC" derive "$work/case.yaml"
repeat 500000 ',' > "$work/big.csv"
refused '500,000 empty columns' 65 'big.csv:[0-9]' "$CAUSTIC" derive "$work/case.yaml"
head -c 100000 /dev/urandom > "$work/big.csv"
refused 'noise for data' 65 'big.csv:[0-9]' "$CAUSTIC" derive "$work/case.yaml"
: > "$work/big.csv"
refused 'empty data' 65 'big.csv:1' "$CAUSTIC" derive "$work/case.yaml"
rm -f "$work/big.csv" "$work/case.yaml"

# Outputs.
mkdir -p "$work/place"
refused 'a full disk' 74 '/dev/full ' "$CAUSTIC" derive --quiet --output /dev/full "$chain"
refused 'JUnit to a full disk' 74 '/dev/full ' "$CAUSTIC" derive --quiet --output /dev/null --junit /dev/full "$chain"
refused 'output to a place that is not there' 74 'none/such' "$CAUSTIC" derive --quiet --output "$work/none/such" "$chain"
refused 'output over a directory' 74 'place' "$CAUSTIC" derive --quiet --output "$work/place" "$chain"
refused 'output with an empty name' 74 'No such file' "$CAUSTIC" derive --quiet --output '' "$chain"
refused 'output below a file' 74 'x' "$CAUSTIC" derive --quiet --output "$work/secret.yaml/x" "$chain"
refused 'JUnit over a directory' 74 'place' "$CAUSTIC" derive --quiet --junit "$work/place" "$chain"
refused 'output and JUnit in one file' 64 'same file' "$CAUSTIC" derive --quiet --output one --junit ./one "$chain"
refused 'help on a full disk' 74 'standard output' sh -c '"$0" --help > /dev/full' "$CAUSTIC"
refused 'the version on a full disk' 74 'standard output' sh -c '"$0" --version > /dev/full' "$CAUSTIC"
refused 'help of a command when standard output is closed' 74 'standard output' sh -c '"$0" derive --help >&-' "$CAUSTIC"
refused 'standard output is closed' 74 'standard output' sh -c '"$0" derive --quiet "$1" >&-' "$CAUSTIC" "$chain"
refused 'an option that is not there' 64 'invalid option' "$CAUSTIC" derive -x "$chain"
(
    cd "$work" || exit 1
    timeout $seconds "$CAUSTIC" derive --quiet "$chain" > /dev/full 2> "$TMPDIR/err"
)
found=$?
[ $found -eq 74 ] && grep -q 'standard output' "$TMPDIR/err" && ok 'standard output to a full disk' ||
    not_ok 'standard output to a full disk' "$found: $(cat "$TMPDIR/err")"

# A place that cannot be written to is noticed before work begins that takes longer than we wait.
printf 'name: long\nparameters: [{name: z}]\nmetric: euclidean\nloss: "z^4 - z^2"\nshock: {box: [["-1", "2"]], digits: 100000}\n' \
    > "$work/case.yaml"
refused 'a place that is not there, before long work' 74 'none/such' \
    "$CAUSTIC" shock --precision-limit 100000000 --output "$work/none/such" "$work/case.yaml"
refused 'the same for JUnit' 74 'none/such' \
    "$CAUSTIC" shock --precision-limit 100000000 --junit "$work/none/such" "$work/case.yaml"
rm -f "$work/case.yaml"

# A case is not replaced by its result, under whatever name.
cp "$chain" "$work/case.yaml"
ln -s case.yaml "$work/link.yaml"
refused 'output over the case' 64 'case.yaml is a case' "$CAUSTIC" derive --output case.yaml "$work/case.yaml"
refused 'output over the case through a link' 64 'case.yaml is a case' "$CAUSTIC" derive --output link.yaml "$work/case.yaml"
refused 'JUnit over the case' 64 'link.yaml is a case' "$CAUSTIC" derive --junit ../work/case.yaml "$work/link.yaml"
cmp -s "$chain" "$work/case.yaml" && ok 'the case is as it was' || not_ok 'the case is as it was' ''

# Through a link, what it leads to is written; a link to nothing is refused. A replaced file keeps its
# permissions. What standard output is connected to is not replaced under its feet.
mkdir "$work/out"
echo old > "$work/out/file"
chmod 600 "$work/out/file"
ln -s out/file "$work/out-link"
run "$CAUSTIC" derive --quiet --output out-link "$chain"
if [ $found -eq 0 ] && [ -h "$work/out-link" ] && grep -q '^PROVED' "$work/out/file" && [ -n "$(find "$work/out/file" -perm 600)" ]
then
    ok 'output through a link'
else
    not_ok 'output through a link' "$found: $(ls -l "$work/out-link" "$work/out/file")"
fi
refused 'output to a link to nothing' 74 'dangling.yaml' "$CAUSTIC" derive --quiet --output dangling.yaml "$chain"
refused 'output to a link to itself' 74 'loop.yaml' "$CAUSTIC" derive --quiet --output loop.yaml "$chain"
ln -s /proc/self/fd/1 "$work/standard-output"
if [ -e "$work/standard-output" ]
then
    (echo before && cd "$work" && timeout $seconds "$CAUSTIC" derive --quiet --output standard-output "$chain" && echo after) \
        > "$TMPDIR/got" 2> "$TMPDIR/err"
    if [ -h "$work/standard-output" ] && [ "$(sed -n '1p; 2s/ .*//p; $p' "$TMPDIR/got" | tr '\n' ' ')" = 'before PROVED after ' ]
    then
        ok 'output to the name of standard output'
    else
        not_ok 'output to the name of standard output' "$(ls -l "$work/standard-output"; cat "$TMPDIR/got" "$TMPDIR/err")"
    fi
else
    skip 'output to the name of standard output' 'there is no /proc'
fi
(cd "$work" && exec timeout $seconds "$CAUSTIC" derive --output out/file "$chain") <&- >&- 2>&-
found=$?
[ $found -eq 0 ] && head -n 1 "$work/out/file" | grep -q '^PROVED' && [ "$(find "$work/out" | wc -l)" -eq 2 ] &&
    ok 'all standard streams closed' || not_ok 'all standard streams closed' "$found: $(head -n 3 "$work/out/file")"
# (A build that counts the lines that are run would spoil its own counts here.)
export GCOV_PREFIX="$TMPDIR/counts" GCOV_ERROR_FILE=/dev/null
refused 'output where a file may not grow' 74 'out/file' sh -c 'ulimit -f 1 && exec "$0" derive --quiet --output out/file "$1"' "$CAUSTIC" "$chain"
unset GCOV_PREFIX GCOV_ERROR_FILE
if [ "$(id -u)" = 0 ]
then
    skip 'output over a file without permission' 'root may write everything'
else
    chmod 400 "$work/out/file"
    refused 'output over a file without permission' 74 'out/file' "$CAUSTIC" derive --quiet --output out/file "$chain"
fi
rm -rf "$work/out" "$work/out-link" "$work/standard-output" "$work/case.yaml" "$work/link.yaml"

# A name that a terminal would obey, or that looks like two messages.
name=$(printf 'a\nb\033[31m.yaml')
cp "$bad/65-undeclared-symbol.yaml" "$work/$name"
refused 'control characters in the name of a file' 65 'a?b?\[31m.yaml:5:11: ' "$CAUSTIC" derive "$name"
rm -f "$work/$name"

# A failed run does not touch what an earlier one wrote.
echo 'kept' > "$work/earlier"
refused 'bad input with an output' 65 'undeclared' "$CAUSTIC" derive --output "$work/earlier" "$bad/65-undeclared-symbol.yaml"
[ "$(cat "$work/earlier")" = kept ] && ok 'the earlier output is kept' || not_ok 'the earlier output is kept' ''
refused 'bad input without an earlier output' 65 'undeclared' "$CAUSTIC" derive --output "$work/later" "$bad/65-undeclared-symbol.yaml"

# Interrupted: the signal ends it, and nothing half written stays.
find "$work" | sort > "$TMPDIR/before"
timeout -s TERM 0.05 "$CAUSTIC" table --quiet --output "$work/later" "$CAUSTIC_SOURCE/cases/mlp" > /dev/null 2>&1
find "$work" | sort > "$TMPDIR/after"
if [ -f "$work/later" ] || cmp -s "$TMPDIR/before" "$TMPDIR/after"
then
    ok 'an interrupted run leaves nothing half written'
else
    not_ok 'an interrupted run leaves nothing half written' "$(diff "$TMPDIR/before" "$TMPDIR/after")"
fi

# Legal, and much or too much: decided, or UNDECIDED with a reason, in bounded time and memory.
# bounded TITLE STATUS PATTERN COMMAND OPTION... < CASE
bounded()
{
    title=$1 wanted=$2 pattern=$3
    shift 3
    cat > "$work/case.yaml"
    (
        [ $sanitized = yes ] || ulimit -v 2000000
        exec timeout 60 "$CAUSTIC" "$@" --quiet "$work/case.yaml"
    ) > "$TMPDIR/out" 2> "$TMPDIR/err" < /dev/null
    found=$?
    if [ $found -eq "$wanted" ] && tr -s ' \n' ' ' < "$TMPDIR/out" | grep -q "$pattern"
    then
        ok "$title"
    else
        not_ok "$title" "exit status $found: $(grep UNDECIDED "$TMPDIR/out") $(cat "$TMPDIR/err")"
    fi
}

bounded 'a chain of 2,000 weights' 0 '2000 parameters' derive << 'END'
name: chain
preset: {kind: relu-chain, depth: 2000}
END
bounded 'a case that takes longer than the time limit' 2 'given up after 1 s' shock --format json --time-limit 1 << 'END'
name: needle
parameters: [{name: z}]
metric: euclidean
loss: "sin(1/(z^2 + 1e-30))"
shock: {box: [["-1", "1"]]}
END
# Once, and not twice, the limit.
(exec timeout 6 "$CAUSTIC" shock --time-limit 3 --quiet "$work/case.yaml") > "$TMPDIR/out" 2>&1 < /dev/null
found=$?
[ $found -eq 2 ] && ok 'nothing is waited for after the time limit' || not_ok 'nothing is waited for after the time limit' "exit status $found"
bounded 'a dense metric of exponentials and sines' 2 'UNDECIDED metric' derive << 'END'
name: dense
parameters: [{name: a}, {name: b}, {name: c}, {name: d}, {name: e}]
metric:
- ["1+exp(a)", "sin(a*b)/9", "sin(a*c)/9", "sin(a*d)/9", "sin(a*e)/9"]
- ["sin(a*b)/9", "1+exp(b)", "sin(b*c)/9", "sin(b*d)/9", "sin(b*e)/9"]
- ["sin(a*c)/9", "sin(b*c)/9", "1+exp(c)", "sin(c*d)/9", "sin(c*e)/9"]
- ["sin(a*d)/9", "sin(b*d)/9", "sin(c*d)/9", "1+exp(d)", "sin(d*e)/9"]
- ["sin(a*e)/9", "sin(b*e)/9", "sin(c*e)/9", "sin(d*e)/9", "1+exp(e)"]
loss: a
END
rm -f "$work/case.yaml"

# Without enough memory: a message and exit status 70, or all is well; never a signal, and no wrong verdict.
if [ $sanitized = yes ]
then
    skip 'little memory' 'a program with sanitizers reserves terabytes of addresses'
else
    mkdir "$work/many"
    number_of_cases=1
    while [ $number_of_cases -le 150 ]
    do
        printf 'name: n%s\npreset: {kind: relu-chain, depth: 2}\n' $number_of_cases > "$work/many/$number_of_cases.yaml"
        number_of_cases=$((number_of_cases + 1))
    done
    wrong='' short=0
    for memory in 16000 20000 24000 28000 40000 80000 90000 120000 160000 10000000
    do
        (ulimit -v $memory && exec timeout 60 "$CAUSTIC" derive --quiet --threads 2 "$work/many") > "$TMPDIR/out" 2> "$TMPDIR/err"
        found=$?
        case $found in
            0) ;;
            70) short=$((short + 1)); grep -q 'memory' "$TMPDIR/err" || wrong="$wrong $memory(no message)" ;;
            127) ;; # not even the libraries could be loaded
            *) wrong="$wrong $memory($found)" ;;
        esac
    done
    [ -z "$wrong" ] && [ $found -eq 0 ] && [ $short -gt 0 ] && ok 'little memory' ||
        not_ok 'little memory' "$found, $short times too little, KiB (exit status):$wrong"
    rm -rf "$work/many"
fi

# Usage beside what commands.sh tries.
refused 'digits of nothing' 64 '' "$CAUSTIC" shock --digits '' "$chain"
refused 'negative digits' 64 '' "$CAUSTIC" shock --digits -5 "$chain"
refused 'too many digits' 64 '' "$CAUSTIC" shock --digits 1000000000000 "$chain"
refused 'a tolerance of zero' 64 '' "$CAUSTIC" verify --tolerance 0 "$chain"
refused 'no threads' 64 '' "$CAUSTIC" verify --threads 0 "$chain"
refused 'a negative time limit' 64 '' "$CAUSTIC" verify --time-limit -1 "$chain"

echo "1..$number"
