/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <caustic/base.h>

const char *
caustic_verdict_name(caustic_verdict verdict)
{
    switch (verdict)
    {
        case CAUSTIC_PROVED: return "PROVED";
        case CAUSTIC_REFUTED: return "REFUTED";
        case CAUSTIC_UNDECIDED: return "UNDECIDED";
    }

    flint_throw(FLINT_ERROR, "caustic_verdict_name: %d is no verdict\n", (int) verdict);
}

caustic_verdict
caustic_verdict_and(caustic_verdict a, caustic_verdict b)
{
    if (a == CAUSTIC_REFUTED || b == CAUSTIC_REFUTED)
        return CAUSTIC_REFUTED;

    if (a == CAUSTIC_PROVED && b == CAUSTIC_PROVED)
        return CAUSTIC_PROVED;

    return CAUSTIC_UNDECIDED;
}
