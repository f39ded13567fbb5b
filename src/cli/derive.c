/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include "cli.h"

const cli_command derive_command =
{
    CAUSTIC_COMMAND_DERIVE,
    caustic_report_derive,
    "the equations of the quotient and every identity proved on the way",
    NULL,
    NULL
};
