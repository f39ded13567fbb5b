#!/bin/sh
# Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
# SPDX-License-Identifier: LGPL-3.0-or-later
#
# Sweeps: the same rows whatever the threads and the store, a store that a kill leaves whole and that
# a changed case does not use, exit statuses.

set -u
LC_ALL=C
export LC_ALL
echo 1..21

. "$CAUSTIC_SOURCE/tests/cli/checks"

chain=$CAUSTIC_SOURCE/cases/mlp/relu-chain-2.yaml
leaf=$CAUSTIC_SOURCE/cases/mlp/leaf-scalar-net.yaml
grid=y=1:3:60

# Usage and input.
check 'no grid is wrong usage' status 64 "$CAUSTIC" sweep "$chain"
check 'neither is one that ends before it begins' status 64 "$CAUSTIC" sweep "$chain" --over y=3:1:5
check 'a constant that the case lacks is bad input' status 65 "$CAUSTIC" sweep "$chain" --over w=1:3:5
check 'a grid belongs to sweep' status 64 "$CAUSTIC" shock "$chain" --over $grid
check 'two cases are wrong usage' status 64 "$CAUSTIC" sweep "$chain" "$leaf" --over $grid
check 'nor may a store take the place of the case' status 64 "$CAUSTIC" sweep "$chain" --over $grid --store "$chain"
printf 'not a database, but long enough to be one at first sight\n' > "$TMPDIR/text"
cp "$TMPDIR/text" "$TMPDIR/text.before"
check 'a store that is no database is bad input' status 65 "$CAUSTIC" sweep "$chain" --over $grid --store "$TMPDIR/text"
check 'and is left as it was' cmp "$TMPDIR/text" "$TMPDIR/text.before"
check 'a place that cannot be written to is an error of output' status 74 "$CAUSTIC" sweep "$chain" --over $grid --store "$TMPDIR/no/store"

# Values.
check 'a closed form at each value' status 0 "$CAUSTIC" sweep "$chain" --over $grid --format csv --threads 1
cp "$TMPDIR/out" "$TMPDIR/one"
check 'one row a value' test "$(grep -c 'PROVED,true.*PROVED$' "$TMPDIR/one")" -eq 60
"$CAUSTIC" sweep "$chain" --over $grid --format csv --threads 7 > "$TMPDIR/seven"
check 'the same bytes whatever the threads' cmp "$TMPDIR/one" "$TMPDIR/seven"
sed 's/shock_time: .*/shock_time: "4\/y^2 + (y - 2)\/10^40"/' "$chain" > "$TMPDIR/wrong.yaml"
check 'a claim that is wrong at some values is refuted' status 1 "$CAUSTIC" sweep "$TMPDIR/wrong.yaml" --over y=1:3:5 --format csv
check 'and proved at the others' test "$(grep -c 'PROVED,true' "$TMPDIR/out")" -eq 1
check 'another command' status 0 "$CAUSTIC" sweep "$chain" --over y=1:2:3 --command audit --format json

# The store: killed again and again, the later the slower the machine, until rows were in it when it began; it
# goes on each time, and ends with the rows of one run.
long=c=1/100:1/2:2000
"$CAUSTIC" sweep "$leaf" --over $long --format csv --threads 2 > "$TMPDIR/whole"
store=$TMPDIR/store.db
kills=0
for pause in 0.7 0.7 0.7 0.7 2 4 8 16 32
do
    [ $kills -lt 4 ] || ! grep -q 'were in the store' "$TMPDIR/note" || break
    "$CAUSTIC" sweep "$leaf" --over $long --format csv --threads 2 --store "$store" > "$TMPDIR/part" 2> "$TMPDIR/note" &
    pid=$!
    sleep $pause
    kill -9 $pid 2> /dev/null
    wait $pid 2> /dev/null
    [ $? -eq 137 ] || break
    kills=$((kills + 1))
done
check 'it was killed on the way' test $kills -ge 1
check 'resumed' status 0 "$CAUSTIC" sweep "$leaf" --over $long --format csv --threads 2 --store "$store"
check 'it went on where it was' said '[1-9][0-9]* of 2000 values were in the store'
check 'the same bytes as without kills' cmp "$TMPDIR/whole" "$TMPDIR/out"
check 'nothing is computed twice' sh -c '"$1" sweep "$2" --over $4 --store "$3" 2>&1 > /dev/null | grep -q "2000 of 2000"' sh "$CAUSTIC" "$leaf" "$store" $long
sed 's/^title: .*/title: Another/' "$leaf" > "$TMPDIR/changed.yaml"
check 'a changed case finds nothing of the old one' sh -c '! "$1" sweep "$2" --over c=1/100:1/2:3 --store "$3" 2>&1 > /dev/null | grep "in the store"' sh "$CAUSTIC" "$TMPDIR/changed.yaml" "$store"
