#!/bin/sh
# Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
# SPDX-License-Identifier: LGPL-3.0-or-later
#
# The sample program of docs/library.md, compiled as its reader would: with what pkg-config says of
# caustic, here of the build tree, and against the library that is to be installed.

set -u
LC_ALL=C
export LC_ALL

skip()
{
    echo 1..1
    echo "ok 1 # SKIP $1"
    exit 0
}

[ -f "$CAUSTIC_BUILD/caustic.pc" ] || skip 'no caustic.pc in the build'
command -v pkg-config > /dev/null 2>&1 || skip 'no pkg-config'

# The compiler of the build, with its sanitizers where it has them.
made_with()
{
    sed -n "s/^$1 = //p" "$CAUSTIC_BUILD/Makefile" | head -n 1
}
compiler=$(made_with CC)
# A header that the library's own files need with an old FLINT is none of a user's business.
flags=$(made_with CAUSTIC_CFLAGS | sed 's/-include [^ ]*//')

echo 1..5
. "$CAUSTIC_SOURCE/tests/cli/checks"

package()
{
    PKG_CONFIG_PATH=$CAUSTIC_BUILD${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH} pkg-config \
        --define-variable=libdir="$CAUSTIC_BUILD/.libs" \
        --define-variable=includedir="$CAUSTIC_SOURCE/include" "$@" caustic
}

# A build without the shared library (quickstart's) is linked as pkg-config says for static ones.
linking=
[ -e "$CAUSTIC_BUILD/.libs/libcaustic.so" ] || linking=--static

compile()
{
    # shellcheck disable=SC2046,SC2086
    $compiler $flags -Werror -o "$TMPDIR/shock" "$CAUSTIC_SOURCE/docs/examples/shock.c" \
        $(package $linking --cflags --libs)
}

run()
{
    LD_LIBRARY_PATH=$CAUSTIC_BUILD/.libs${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} "$TMPDIR/shock" "$@"
}

prints_what_the_page_shows()
{
    sed -n 's/^PROVED .* <= T\* <= .*/&/p' "$CAUSTIC_SOURCE/docs/library.md" > "$TMPDIR/shown"
    [ -s "$TMPDIR/shown" ] || return 1
    run "$CAUSTIC_SOURCE/cases/transformer/attention-scalar.yaml" > "$TMPDIR/found" || return 1
    head -n 1 "$TMPDIR/found" | diff - "$TMPDIR/shown"
}

fails_with()
{
    pattern=$1
    shift
    run "$@" > "$TMPDIR/found" 2>&1
    status=$?
    cat "$TMPDIR/found"
    [ "$status" -eq 1 ] && grep -q -e "$pattern" "$TMPDIR/found"
}

check 'pkg-config knows the package' package --exists
check 'the sample program compiles and links' compile
check 'it prints what docs/library.md shows' prints_what_the_page_shows
check 'it stops at a reduction that is refuted' fails_with 'reduction is not proved' \
    "$CAUSTIC_SOURCE/cases/refuted/euclidean-metric.yaml"
check 'it reports a missing file' fails_with 'missing.yaml' "$TMPDIR/missing.yaml"
