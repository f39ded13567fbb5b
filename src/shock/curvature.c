/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    h = g l'' + g' l'/2 and its derivatives from the Taylor series of g and l: no symbolic
    derivative is needed, and h^(k) costs one series of length k + 3.
*/

#include <flint/arb_poly.h>
#include "shock_internal.h"

/* res[i] = (i + 1) f[i + 1], i < length - 1 */
static void
series_derivative(arb_ptr res, arb_srcptr f, slong length, slong prec)
{
    _arb_poly_derivative(res, f, length, prec);
}

void
curvature_series(arb_ptr h, const work_struct * work, const arb_t x, slong order, slong prec)
{
    arb_ptr out[2], g1, l1, l2, term;
    slong length = order + 3;

    FLINT_ASSERT(length <= SERIES_LENGTH);
    out[0] = work->cometric_series;
    out[1] = work->loss_series;
    g1 = _arb_vec_init(4 * SERIES_LENGTH);
    l1 = g1 + SERIES_LENGTH;
    l2 = l1 + SERIES_LENGTH;
    term = l2 + SERIES_LENGTH;

    caustic_tape_evaluate_series(out, work->tape, x, length, prec);
    series_derivative(g1, out[0], length, prec);
    series_derivative(l1, out[1], length, prec);
    series_derivative(l2, l1, length - 1, prec);
    _arb_poly_mullow(term, g1, order + 1, l1, order + 1, order + 1, prec);
    _arb_poly_mullow(h, out[0], order + 1, l2, order + 1, order + 1, prec);
    _arb_vec_scalar_mul_2exp_si(term, term, order + 1, -1);
    _arb_vec_add(h, h, term, order + 1, prec);

    _arb_vec_clear(g1, 4 * SERIES_LENGTH);
}

int
curvature_is_regular(arb_t cometric, const work_struct * work, const arb_t x, slong prec)
{
    arb_ptr out[2];

    out[0] = work->cometric_series;
    out[1] = work->loss_series;
    caustic_tape_evaluate_series(out, work->tape, x, 3, prec);
    arb_set(cometric, out[0]);
    return _arb_vec_is_finite(out[0], 3) && _arb_vec_is_finite(out[1], 3) && arb_is_positive(out[0]);
}
