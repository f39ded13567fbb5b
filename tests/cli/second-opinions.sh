#!/bin/sh
# Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
# SPDX-License-Identifier: LGPL-3.0-or-later
#
# Derivations against SymPy, shock times and values against mpmath, where they are installed.

if ! python3 -c 'import mpmath, sympy' > /dev/null 2>&1
then
    echo '1..1'
    echo 'ok 1 - second opinions # SKIP python3 with mpmath and sympy is not installed'
    exit 0
fi
exec python3 "$CAUSTIC_SOURCE/tests/opinions/second_opinions.py"
