#!/bin/sh
# Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
# SPDX-License-Identifier: LGPL-3.0-or-later
#
# --help, the manual page and docs/commands.md tell the same: each command, each option with its
# argument, and each exit status stands in all three.

set -u
LC_ALL=C
export LC_ALL
manual=$CAUSTIC_SOURCE/docs/man/caustic.1
page=$CAUSTIC_SOURCE/docs/commands.md
number=0
echo 1..7

# compare TITLE A B: ok when the two lists are the same and not empty.
compare()
{
    number=$((number + 1))
    if [ -s "$2" ] && cmp -s "$2" "$3"
    then
        echo "ok $number - $1"
    else
        echo "not ok $number - $1"
        diff "$2" "$3" | sed 's/^/# /'
    fi
}

"$CAUSTIC" --help | sed -n 's/^  \([a-z][a-z]*\)  *[a-z].*/\1/p' | sort > "$TMPDIR/commands"
for command in $(cat "$TMPDIR/commands")
do
    "$CAUSTIC" "$command" --help > "$TMPDIR/help.$command"
done
cat "$TMPDIR"/help.* | sed -n 's/^  \(--[^,].*\)/\1/p' | sed 's/   *.*//' | tr ',' '\n' \
    | sed 's/^ *//' | sort -u > "$TMPDIR/options"

# The page's table leaves out what its text says of --help and --version.
sed -n 's/^| `\(--[^`]*\)`.*/\1/p' "$page" | sort -u > "$TMPDIR/page.options"
compare 'every option stands in docs/commands.md, and no other' "$TMPDIR/options" "$TMPDIR/page.options"

# .BI \-\-digits " N" and .B \-\-quiet after a .TP.
sed -n '/^\.SH OPTIONS/,/^\.SH EXIT/p' "$manual" | sed -n 's/^\.BI* \(\\-\\-.*\)/\1/p' \
    | sed 's/\\-/-/g; s/ *"/ /g; s/ *$//; s/  */ /g' | sort -u > "$TMPDIR/manual.options"
compare 'every option stands in the manual page, and no other' "$TMPDIR/options" "$TMPDIR/manual.options"

sed -n 's/^    caustic \([a-z]*\) .*/\1/p' "$page" | sort -u > "$TMPDIR/page.commands"
compare 'every command stands in docs/commands.md' "$TMPDIR/commands" "$TMPDIR/page.commands"
sed -n '/^\.SH COMMANDS/,/^\.SH OPTIONS/p' "$manual" | grep -A 1 '^\.TP' | sed -n 's/^\.B \([a-z]*\)$/\1/p' \
    | sort -u > "$TMPDIR/manual.commands"
compare 'every command stands in the manual page' "$TMPDIR/commands" "$TMPDIR/manual.commands"

tr '\n' ' ' < "$TMPDIR/help.derive" | sed 's/.*Exit status: //' | tr ',' '\n' \
    | sed -n 's/^ *\([0-9][0-9]*\) .*/\1/p' | sort > "$TMPDIR/status"
sed -n 's/^| \([0-9][0-9]*\) |.*/\1/p' "$page" | sort > "$TMPDIR/page.status"
compare 'every exit status stands in docs/commands.md' "$TMPDIR/status" "$TMPDIR/page.status"
sed -n '/^\.SH EXIT/,/^\.SH ENV/p' "$manual" | sed -n 's/^\.B \([0-9][0-9]*\)$/\1/p' | sort > "$TMPDIR/manual.status"
compare 'every exit status stands in the manual page' "$TMPDIR/status" "$TMPDIR/manual.status"

number=$((number + 1))
if ! command -v groff > /dev/null 2>&1
then
    echo "ok $number # SKIP no groff"
elif [ -z "$(groff -ww -man -Tascii "$manual" 2>&1 > /dev/null)" ]
then
    echo "ok $number - groff has no complaint about the manual page"
else
    echo "not ok $number - groff complains about the manual page"
fi
