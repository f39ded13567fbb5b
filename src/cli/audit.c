/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include "cli.h"

const cli_command audit_command =
{
    CAUSTIC_COMMAND_AUDIT,
    caustic_report_audit,
    "does training project to a gradient field on the quotient?",
    NULL,
    NULL
};
