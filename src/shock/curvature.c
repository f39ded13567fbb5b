/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    h = g l'' + g' l'/2 and its derivatives from the Taylor series of g and l: no symbolic
    derivative is needed, and h^(k) costs one series of length k + 3. Where the field knows h, its
    simplified form is evaluated instead: fewer operations, and less is lost to dependency.
*/

#include <flint/arb_poly.h>
#include "shock_internal.h"

/* res[i] = (i + 1) f[i + 1], i < length - 1 */
static void
series_derivative(arb_ptr res, arb_srcptr f, slong length, slong prec)
{
    _arb_poly_derivative(res, f, length, prec);
}

static void
series_from_cometric_and_loss(arb_ptr h, const work_struct * work, const arb_t x, slong order, slong prec)
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

/* Both enclose: keeps the tighter one of each coefficient. */
static void
keep_tighter(arb_ptr h, arb_srcptr other, slong length)
{
    slong i;

    for (i = 0; i < length; i++)
        if (arb_is_finite(other + i) && mag_cmp(arb_radref(other + i), arb_radref(h + i)) < 0)
            arb_set(h + i, other + i);
}

/* [SHOCK-14] A finite series shows the simplified form analytic on x; it agrees with h on a dense
   set, so on all of x. The field expands, and exp(-(z - 1)^2) expanded is known poorly on a wide x:
   where the sign stays open there, the form as written gets its chance. */
void
curvature_series(arb_ptr h, const work_struct * work, const arb_t x, slong order, slong prec)
{
    arb_ptr written;

    if (work->simplified == NULL)
    {
        series_from_cometric_and_loss(h, work, x, order, prec);
        return;
    }
    caustic_tape_evaluate_series(&h, work->simplified, x, order + 1, prec);
    if (!_arb_vec_is_finite(h, order + 1))
        series_from_cometric_and_loss(h, work, x, order, prec);
    else if (!arb_is_exact(x) && arb_contains_zero(h))
    {
        written = _arb_vec_init(SERIES_LENGTH);
        series_from_cometric_and_loss(written, work, x, order, prec);
        keep_tighter(h, written, order + 1);
        _arb_vec_clear(written, SERIES_LENGTH);
    }
}

void
curvature_simplify(work_struct * work)
{
    caustic_expr e = caustic_field_get_expr(work->exact, work->field);
    arb_t x, plain, simplified;
    fmpq_t middle;

    work->simplified = caustic_tape_new(work->problem->pool, &e, 1, &work->problem->z, 1);
    if (work->simplified == NULL)
        return;
    /* a difference would be a defect of the field; the plain form is right in any case */
    arb_init(x);
    arb_init(plain);
    arb_init(simplified);
    fmpq_init(middle);
    region_inner_point(middle, &work->region);
    arb_set_fmpq(x, middle, SEARCH_PRECISION);
    series_from_cometric_and_loss(plain, work, x, 0, SEARCH_PRECISION);
    curvature_series(simplified, work, x, 0, SEARCH_PRECISION);
    if (!arb_overlaps(plain, simplified))
    {
        caustic_tape_free(work->simplified);
        work->simplified = NULL;
    }
    arb_clear(x);
    arb_clear(plain);
    arb_clear(simplified);
    fmpq_clear(middle);
}

/* Where g is monotone on x, it is at least its value at one end. */
static void
cometric_at_lesser_end(arb_t res, const work_struct * work, const arb_t x, int increasing, slong prec)
{
    arb_ptr out[2];
    arb_t end;

    arb_init(end);
    if (increasing)
        arb_get_lbound_arf(arb_midref(end), x, 2 * prec);
    else
        arb_get_ubound_arf(arb_midref(end), x, 2 * prec);
    out[0] = work->cometric_series;
    out[1] = work->loss_series;
    caustic_tape_evaluate_series(out, work->tape, end, 1, prec);
    arb_set(res, out[0]);
    arb_clear(end);
}

int
curvature_is_regular(arb_t cometric, const work_struct * work, const arb_t x, slong prec)
{
    arb_ptr out[2];
    int finite, sign;

    out[0] = work->cometric_series;
    out[1] = work->loss_series;
    caustic_tape_evaluate_series(out, work->tape, x, 3, prec);
    finite = _arb_vec_is_finite(out[0], 3) && _arb_vec_is_finite(out[1], 3);
    arb_set(cometric, out[0]);
    if (finite && !arb_is_positive(cometric) && !arb_is_exact(x))
    {
        sign = arb_is_positive(out[0] + 1) - arb_is_negative(out[0] + 1);
        if (sign != 0)
        {
            arb_t end;
            arb_init(end);
            cometric_at_lesser_end(end, work, x, sign > 0, prec);
            if (arb_is_positive(end))
                arb_set(cometric, end);
            arb_clear(end);
        }
    }
    return finite && arb_is_positive(cometric);
}
