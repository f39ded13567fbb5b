/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include "cli.h"

const cli_command table_command =
{
    CAUSTIC_COMMAND_TABLE,
    caustic_report_table,
    "one row a case",
    "everything above:NULL",
    NULL
};
