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
    result->dimension = 1;
    result->at = _arb_vec_init(1);
    arb_indeterminate(result->time);
    arb_init(result->there);
    arb_indeterminate(result->there);
    arb_indeterminate(result->at);
    result->detail = caustic_string_copy("");
    arf_init(result->earliest);
    arf_init(result->latest);
    arf_pos_inf(result->latest);
    result->bracket_detail = caustic_string_copy("");
    result->claim_detail = caustic_string_copy("");
}

void
caustic_shock_result_clear(caustic_shock_result_t result)
{
    arb_clear(result->time);
    arb_clear(result->there);
    _arb_vec_clear(result->at, result->dimension);
    flint_free(result->detail);
    flint_free(result->claim_detail);
    flint_free(result->bracket_detail);
    arf_clear(result->earliest);
    arf_clear(result->latest);
}

void
result_make_room(caustic_shock_result_t result, slong dimension)
{
    _arb_vec_clear(result->at, result->dimension);
    result->dimension = dimension;
    result->at = _arb_vec_init(dimension);
    _arb_vec_indeterminate(result->at, dimension);
    arb_indeterminate(result->time);
}

int
time_is_sharp(const arb_t time, slong digits)
{
    arb_t width, allowed, ten;
    int sharp;

    if (!arb_is_finite(time) || !arb_is_positive(time))
        return 0;
    arb_init(width);
    arb_init(allowed);
    arb_init(ten);
    arb_get_rad_arb(width, time);
    arb_mul_2exp_si(width, width, 1);
    arb_set_ui(ten, 10);
    arb_pow_ui(allowed, ten, (ulong) (digits - 1), SEARCH_PRECISION);
    arb_mul(width, width, allowed, SEARCH_PRECISION);
    arb_get_lbound_arf(arb_midref(allowed), time, SEARCH_PRECISION);
    mag_zero(arb_radref(allowed));
    sharp = arb_le(width, allowed);
    arb_clear(width);
    arb_clear(allowed);
    arb_clear(ten);
    return sharp;
}
