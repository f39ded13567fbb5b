/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <string.h>
#include "shock_internal.h"

void
caustic_shock_result_init(caustic_shock_result_t result)
{
    memset(result, 0, sizeof(caustic_shock_result_struct));
    result->verdict = CAUSTIC_UNDECIDED;
    arb_init(result->time);
    arb_init(result->at);
    arb_indeterminate(result->time);
    arb_indeterminate(result->at);
    result->detail = caustic_string_copy("");
    result->claim_detail = caustic_string_copy("");
}

void
caustic_shock_result_clear(caustic_shock_result_t result)
{
    arb_clear(result->time);
    arb_clear(result->at);
    flint_free(result->detail);
    flint_free(result->claim_detail);
}
