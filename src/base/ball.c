/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include "base/ball.h"

void
ball_lower_end(arb_t res, const arb_t x, slong prec)
{
    arf_t end;

    arf_init(end);
    arb_get_lbound_arf(end, x, prec);
    arb_set_arf(res, end);
    arf_clear(end);
}

void
ball_upper_end(arb_t res, const arb_t x, slong prec)
{
    arf_t end;

    arf_init(end);
    arb_get_ubound_arf(end, x, prec);
    arb_set_arf(res, end);
    arf_clear(end);
}

void
ball_floor(arf_t res, const arb_t x, slong prec)
{
    arb_get_lbound_arf(res, x, prec);
    if (arf_is_nan(res))
        arf_neg_inf(res);
}

double
ball_guess(const arb_t x)
{
    return arf_get_d(arb_midref(x), ARF_RND_NEAR);
}

double
ball_log_guess(const arb_t x)
{
    mag_t m;
    double value;

    mag_init(m);
    arb_get_mag(m, x);
    value = 0.6931471805599453 * mag_get_d_log2_approx(m);
    mag_clear(m);
    return value;
}
