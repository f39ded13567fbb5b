/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include "cli.h"

const cli_command shock_command =
{
    CAUSTIC_COMMAND_SHOCK,
    caustic_report_shock,
    "certified shock times",
    "\"shock\" and \"loss\"",
    NULL
};
