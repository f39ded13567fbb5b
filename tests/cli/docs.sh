#!/bin/sh
# Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
# SPDX-License-Identifier: LGPL-3.0-or-later
#
# The examples of README.md and docs/*.md are run. What counts as an example:
#
# - a ```yaml block with a line `name:` is a complete case: derive must succeed on it, and verify
#   and shock where it has their blocks;
# - a ```csv block is a data file;
#   both are written to the file that the paragraph before them names (`neuron.yaml`), otherwise to
#   the case's own name;
# - a line of a code block that begins with build/caustic is a command, and must succeed;
# - what follows it in its block, or the next code block that is no case and no command when
#   nothing but blank lines stands between, is its output, and must be just that; a line `...`
#   stands for any lines;
# - a block that begins like the table is the output of `caustic table cases`;
# - the lines of a ```c block stand in this order in the examples of docs/examples.

set -u
LC_ALL=C
export LC_ALL
number=0

result()
{
    number=$((number + 1))
    if [ "$1" -eq 0 ]
    then
        echo "ok $number - $2"
    else
        echo "not ok $number - $2"
        sed 's/^/# /' "$TMPDIR/why" | head -n 40
    fi
}

# Writes each code block of a page to block.N, and its language, line, the file that the paragraph
# before it names, and whether it follows the block before it, to a line of blocks.
split_blocks()
{
    awk -v to="$2" '
        function begin(kind) {
            n++
            file = to "/block." n
            printf "" > file
            print n, kind == "" ? "-" : kind, NR, mention == "" ? "-" : mention, adjacent
            mention = ""
        }
        fenced && /^```/ { fenced = 0; adjacent = 1; close(file); next }
        fenced { print > file; next }
        /^```/ { fenced = 1; begin(substr($0, 4)); next }
        /^    [^ ]/ && (blank || indented) { if (!indented) begin("indented"); indented = 1; print substr($0, 5) > file; adjacent = 1; blank = 0; next }
        indented && /^    / { print substr($0, 5) > file; next }
        /^[ \t]*$/ { if (!blank) named = 0; blank = 1; if (indented) close(file); indented = 0; next }
        {
            indented = 0
            adjacent = 0
            if (blank) mention = ""
            blank = 0
            text = $0
            while (match(text, /`[A-Za-z0-9-]+\.(yaml|csv)`/)) {
                mention = substr(text, RSTART + 1, RLENGTH - 2)
                text = substr(text, RSTART + RLENGTH)
            }
        }
    ' "$1"
}

# matches FOUND SHOWN: the lines are the same; `...` in what is shown stands for any lines. Bounds
# such as 1.56e-32 may come out differently with another FLINT, and columns with them.
matches()
{
    awk '
        { gsub(/[0-9.]+e-[0-9]+/, "e"); gsub(/  +/, " "); gsub(/---+/, "---") }
        NR == FNR { shown[++n] = $0; next }
        { found[++m] = $0 }
        END {
            while (n > 0 && shown[n] == "") n--
            while (m > 0 && found[m] == "") m--
            i = j = 1
            star = 0
            while (j <= m) {
                if (i <= n && shown[i] ~ /^ *\.\.\.$/) { star = i++; mark = j }
                else if (i <= n && shown[i] == found[j]) { i++; j++ }
                else if (star) { i = star + 1; j = ++mark }
                else break
            }
            while (i <= n && shown[i] ~ /^ *\.\.\.$/) i++
            exit !(n > 0 && i > n && j > m)
        }
    ' "$2" "$1"
}

# run COMMAND SHOWN: runs a line that begins with build/caustic; SHOWN has its output, or nothing.
run_line()
{
    # shellcheck disable=SC2086
    (eval "$1") > found 2> why < /dev/null
    status=$?
    if [ "$status" -ne 0 ]
    then
        echo "exit status $status" >> why
        cat found >> why
        return 1
    fi
    [ -s "$2" ] || return 0
    matches found "$2" && return 0
    diff found "$2" > why
    return 1
}

# One code block; `shown` holds the output that belongs to its last command.
run_block()
{
    : > output
    command=
    while IFS= read -r line || [ -n "$line" ]
    do
        case $line in
            'build/caustic '*)
                if [ -n "$command" ]
                then
                    run_line "$command" output
                    result $? "$page:$2: $command"
                fi
                command=$line
                : > output
                ;;
            *)
                [ -z "$command" ] || printf '%s\n' "$line" >> output
                ;;
        esac
    done < "$1"
    if [ -n "$command" ]
    then
        [ -s "$3" ] && cat "$3" > output
        run_line "$command" output
        result $? "$page:$2: $command"
    fi
}

# A complete case: each command that it has a block for.
run_case()
{
    for command in derive verify shock
    do
        if [ "$command" != derive ] && ! grep -q "^$command:" "$1"
        then
            continue
        fi
        : > none
        run_line "build/caustic $command '$1'" none
        result $? "$page:$2: $command on $1"
    done
}

run_page()
{
    page=$1
    directory=$TMPDIR/$(echo "$page" | tr / -)
    blocks=$directory/.blocks
    mkdir -p "$blocks" "$directory/build"
    ln -s "$CAUSTIC" "$directory/build/caustic"
    ln -s "$CAUSTIC_SOURCE/cases" "$directory/cases"
    split_blocks "$CAUSTIC_SOURCE/$page" "$blocks" > "$blocks/list"
    cd "$directory" || exit 1
    TMPDIR=$directory

    # Files first: a case may stand before its data.
    while read -r n kind line mention adjacent
    do
        block=$blocks/block.$n
        name=$(sed -n 's/^name: *//p' "$block")
        case $kind in
            csv) [ "$mention" = - ] || cp "$block" "$mention" ;;
            yaml)
                [ -n "$name" ] || continue
                case $mention in *.yaml) name=${mention%.yaml} ;; esac
                cp "$block" "$name.yaml"
                echo "$name.yaml $line" >> "$blocks/cases"
                ;;
        esac
    done < "$blocks/list"

    if [ -f "$blocks/cases" ]
    then
        while read -r file line
        do
            run_case "$file" "$line" 
        done < "$blocks/cases"
    fi

    while read -r n kind line mention adjacent
    do
        block=$blocks/block.$n
        : > shown
        next=$blocks/block.$((n + 1))
        if [ -f "$next" ] && ! grep -q '^build/caustic ' "$next" \
            && grep -q "^$((n + 1)) [^yc][^ ]* [0-9]* [^ ]* 1$" "$blocks/list"
        then
            cp "$next" shown
        fi
        case $kind in
            c)
                grep -v '^$' "$block" | sed 's/^ *//' > lines
                cat "$CAUSTIC_SOURCE"/docs/examples/*.c | sed 's/^ *//' > sources
                awk 'NR == FNR { want[++n] = $0; next } i < n && $0 == want[i + 1] { i++ } END { exit i < n }' lines sources 2> why
                result $? "$page:$line: the code stands in docs/examples"
                ;;
            yaml | csv) ;;
            *)
                if head -n 1 "$block" | grep -q '^case  *N-k=d '
                then
                    run_line 'build/caustic table --quiet cases' "$block"
                    result $? "$page:$line: the table"
                fi
                run_block "$block" "$line" shown
                ;;
        esac
    done < "$blocks/list"
}

top=$TMPDIR
for page in README.md docs/case-files.md docs/commands.md docs/semantics.md docs/library.md
do
    TMPDIR=$top
    run_page "$page"
done

# A page without its examples would pass unseen: the case reference alone has a dozen.
[ "$number" -ge 15 ]
enough=$?
echo "only $number examples were found" > "$TMPDIR/why"
result $enough 'the examples were found'
echo "1..$number"
