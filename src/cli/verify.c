/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include "cli.h"

const cli_command verify_command =
{
    CAUSTIC_COMMAND_VERIFY,
    caustic_report_verify,
    "residuals, initial data and altered equations",
    "\"verify\" and \"loss\"",
    NULL
};
