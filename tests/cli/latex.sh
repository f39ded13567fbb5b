#!/bin/sh
# Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
# SPDX-License-Identifier: LGPL-3.0-or-later
#
# The LaTeX that derive writes of every shipped case, and table of those with every kind of entry, compiles.
# Needs pdflatex. (docs.sh has the whole table.)

set -u
LC_ALL=C
export LC_ALL
echo 1..2

if ! command -v pdflatex > /dev/null 2>&1
then
    echo 'ok 1 # SKIP there is no pdflatex here'
    echo 'ok 2 # SKIP there is no pdflatex here'
    exit 0
fi

# compile NUMBER TITLE FILE
compile()
{
    if (cd "$TMPDIR" && timeout 300 pdflatex -interaction=nonstopmode -halt-on-error "$3" > compile.log 2>&1 < /dev/null)
    then
        echo "ok $1 - $2"
    else
        echo "not ok $1 - $2"
        grep -A 5 '^!' "$TMPDIR/compile.log" | head -n 20 | sed 's/^/# /'
    fi
}

"$CAUSTIC" derive --quiet --format latex "$CAUSTIC_SOURCE/cases" > "$TMPDIR/derive.tex"
compile 1 'derive --format latex' derive.tex

{
    printf '%s\n' '\documentclass{article}' '\usepackage{amsmath,booktabs}' '\begin{document}'
    "$CAUSTIC" table --quiet --format latex "$CAUSTIC_SOURCE/cases/refuted" "$CAUSTIC_SOURCE/cases/meanfield"
    printf '%s\n' '\end{document}'
} > "$TMPDIR/table.tex"
compile 2 'table --format latex' table.tex
