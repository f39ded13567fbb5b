/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    The exact side: h as an element of the field of functions on the region, zero tests of
    constants, and places known by a formula.
*/

#include "shock_internal.h"

/* Opening ************************************************************************************/

static void
interval_of_region(caustic_interval_t interval, const region_struct * region)
{
    fmpq_set(interval->lower, region->lower);
    fmpq_set(interval->upper, region->upper);
    interval->lower_infinite = region->lower_infinite;
    interval->upper_infinite = region->upper_infinite;
    interval->lower_closed = 0;
    interval->upper_closed = 0;
}

static void
field_on(gr_ctx_t field, const work_struct * work, const region_struct * region)
{
    caustic_interval_t interval;

    caustic_interval_init(interval);
    if (region_is_point(region))
        caustic_interval_set(interval, work->problem->domain);
    else
        interval_of_region(interval, region);
    caustic_field_ctx_init(field, work->problem->pool, &work->problem->z, interval, 1);
    caustic_interval_clear(interval);
}

/* h = g l'' + g' l'/2 in the field */
static int
element_of_curvature(gr_ptr h, work_struct * work)
{
    gr_ctx_struct * field = work->field;
    gr_ptr g, l1, term;
    int status = GR_SUCCESS;

    g = gr_heap_init(field);
    l1 = gr_heap_init(field);
    term = gr_heap_init(field);

    status |= caustic_field_set_expr(g, work->problem->cometric, field);
    status |= caustic_field_set_expr(term, work->problem->loss, field);
    if (status == GR_SUCCESS)
        status |= caustic_field_derivative(l1, term, 0, field);
    if (status == GR_SUCCESS)
        status |= caustic_field_derivative(h, l1, 0, field);
    if (status == GR_SUCCESS)
        status |= gr_mul(h, g, h, field);
    if (status == GR_SUCCESS)
        status |= caustic_field_derivative(term, g, 0, field);
    if (status == GR_SUCCESS)
        status |= gr_mul(term, term, l1, field);
    if (status == GR_SUCCESS)
        status |= gr_div_ui(term, term, 2, field);
    if (status == GR_SUCCESS)
        status |= gr_add(h, h, term, field);

    gr_heap_clear(g, field);
    gr_heap_clear(l1, field);
    gr_heap_clear(term, field);
    return status == GR_SUCCESS;
}

void
exact_open(work_struct * work)
{
    caustic_pool * pool = work->problem->pool;
    caustic_expr g = work->problem->cometric, z = work->problem->z, l1, half;
    fmpq_t number;

    fmpq_init(number);
    fmpq_set_si(number, 1, 2);
    half = caustic_number(pool, number);
    l1 = caustic_derivative(pool, work->problem->loss, z);
    work->curvature = caustic_add(pool, caustic_mul(pool, g, caustic_derivative(pool, l1, z)),
        caustic_mul(pool, half, caustic_mul(pool, caustic_derivative(pool, g, z), l1)));
    work->slope = caustic_derivative(pool, work->curvature, z);
    fmpq_clear(number);

    field_on(work->field, work, &work->region);
    work->field_open = 1;
    work->exact = gr_heap_init(work->field);
    work->has_exact = !region_is_point(&work->region) && element_of_curvature(work->exact, work);
    if (work->has_exact)
        work->is_rational = caustic_field_get_fmpz_poly_q(work->numerator, work->denominator, work->exact, 0, work->field);
}

/* Constants **********************************************************************************/

int
exact_evaluate(arb_t res, const work_struct * work, caustic_expr constant, slong prec)
{
    caustic_tape * tape = caustic_tape_new(work->problem->pool, &constant, 1, NULL, 0);

    if (tape == NULL)
    {
        arb_indeterminate(res);
        return 0;
    }
    caustic_tape_evaluate_arb(res, tape, NULL, prec);
    caustic_tape_free(tape);
    return arb_is_finite(res);
}

static truth_t
field_is_zero(work_struct * work, caustic_expr constant)
{
    gr_ptr x;
    truth_t zero = T_UNKNOWN;

    if (!work->field_open)
        return T_UNKNOWN;
    x = gr_heap_init(work->field);
    if (caustic_field_set_expr(x, constant, work->field) == GR_SUCCESS)
        zero = caustic_field_is_zero(x, NULL, work->field);
    gr_heap_clear(x, work->field);
    return zero;
}

/* A ball that excludes zero is cheapest, the field proves zero, and where the field has no rule more bits may
   still show that a near miss is one. */
truth_t
exact_is_zero(work_struct * work, caustic_expr constant)
{
    const caustic_pool * pool = work->problem->pool;
    truth_t zero = T_UNKNOWN;
    slong prec, limit = FLINT_MIN(work->problem->precision_limit, 16 * FLINT_MAX(work->goal, SEARCH_PRECISION));
    arb_t value;

    if (constant == CAUSTIC_NONE || caustic_expr_depends(pool, constant, work->problem->z))
        return T_UNKNOWN;
    if (caustic_expr_op(pool, constant) == CAUSTIC_OP_NUMBER)
        return fmpq_is_zero(caustic_expr_fmpq(pool, constant)) ? T_TRUE : T_FALSE;

    arb_init(value);
    if (exact_evaluate(value, work, constant, 2 * SEARCH_PRECISION) && !arb_contains_zero(value))
        zero = T_FALSE;
    else
        zero = field_is_zero(work, constant);
    for (prec = 4 * SEARCH_PRECISION; zero == T_UNKNOWN && prec <= limit; prec *= 2)
        if (exact_evaluate(value, work, constant, prec) && !arb_contains_zero(value))
            zero = T_FALSE;
    arb_clear(value);
    return zero;
}

caustic_expr
exact_at(work_struct * work, caustic_expr e, caustic_expr point)
{
    return caustic_substitute(work->problem->pool, e, &work->problem->z, &point, 1);
}

/* Places known by a formula ******************************************************************/

int
place_is_exact(const place_struct * place)
{
    return place->point != CAUSTIC_NONE && place->point_value != CAUSTIC_NONE && !place->has_zone;
}

int
exact_settle_point(work_struct * work, place_struct * place, caustic_expr point, slong prec)
{
    arb_t x;
    int settled = 0;

    if (place->kind != PLACE_INTERIOR || place->algebraic)
        return 0;
    if (place->point != CAUSTIC_NONE)
        return place->point == point;

    arb_init(x);
    /* [SHOCK-4] the zone holds one zero of h' only, so a zero of h' in the zone is that one */
    if (exact_evaluate(x, work, point, prec) && arb_contains(place->zone, x)
        && exact_is_zero(work, exact_at(work, work->slope, point)) == T_TRUE)
    {
        caustic_expr value = exact_at(work, work->curvature, point);
        if (value != CAUSTIC_NONE)
        {
            place->point = point;
            place->point_value = value;
            arb_set(place->location, x);
            settled = 1;
        }
    }
    arb_clear(x);
    return settled;
}

int
exact_simplest(fmpq_t q, const arb_t x)
{
    arf_t a, b;
    fmpq_t lower, upper;

    if (!arb_is_finite(x))
        return 0;
    arf_init(a);
    arf_init(b);
    fmpq_init(lower);
    fmpq_init(upper);
    /* rounding inwards could leave nothing, outwards is harmless: candidates are tested */
    arb_get_lbound_arf(a, x, arb_bits(x) + SEARCH_PRECISION);
    arb_get_ubound_arf(b, x, arb_bits(x) + SEARCH_PRECISION);
    arf_get_fmpq(lower, a);
    arf_get_fmpq(upper, b);
    if (arb_contains_zero(x))
        fmpq_zero(q);
    else
        fmpq_simplest_between(q, lower, upper);
    arf_clear(a);
    arf_clear(b);
    fmpq_clear(lower);
    fmpq_clear(upper);
    return 1;
}

/* Simple enough not to be an accident. */
static int
simple_rational(fmpq_t q, const arb_t x, slong bits)
{
    return exact_simplest(q, x)
        && (slong) (fmpz_bits(fmpq_numref(q)) + fmpz_bits(fmpq_denref(q))) <= bits;
}

int
exact_identify(work_struct * work, place_struct * place, slong prec)
{
    caustic_pool * pool = work->problem->pool;
    fmpq_t q;
    arb_t ratio;
    slong accuracy;
    int settled = 0;

    if (place_is_exact(place))
        return 1;
    if (place->kind == PLACE_LIMIT || place->cut || place->algebraic)
        return 0;

    fmpq_init(q);
    arb_init(ratio);
    if (place->kind == PLACE_END)
    {
        /* [SHOCK-8] h convex on the zone, h' = 0 at the end: the end is the minimum of the zone */
        settled = exact_is_zero(work, exact_at(work, work->slope, place->point)) == T_TRUE;
        if (settled)
            place->has_zone = 0;
    }
    else
    {
        /* a number of b bits falls into a ball of radius 2^-r by accident with odds 2^(b-r) */
        accuracy = arb_is_exact(place->location) ? prec : FLINT_MIN(prec, -mag_get_d_log2_approx(arb_radref(place->location)));
        if (simple_rational(q, place->location, accuracy / 2))
            settled = exact_settle_point(work, place, caustic_number(pool, q), prec);
        if (!settled)
        {
            arb_const_pi(ratio, prec + 16);
            arb_div(ratio, place->location, ratio, prec + 16);
            if (simple_rational(q, ratio, FLINT_MIN(16, accuracy / 2)) && !fmpq_is_zero(q))
                settled = exact_settle_point(work, place,
                    caustic_mul(pool, caustic_number(pool, q), caustic_pi(pool)), prec);
        }
    }
    fmpq_clear(q);
    arb_clear(ratio);
    return settled;
}

/* Signs **************************************************************************************/

static caustic_sign
sign_of_element(gr_srcptr x, gr_ctx_t field, const region_struct * interval)
{
    caustic_sign sign = caustic_field_sign(x, field);
    fmpz_poly_t p, q;
    int s, t;

    if (sign != CAUSTIC_SIGN_UNKNOWN)
        return sign;
    fmpz_poly_init(p);
    fmpz_poly_init(q);
    if (caustic_field_get_fmpz_poly_q(p, q, x, 0, field))
    {
        s = polynomial_sign(p, interval, 4 * SEARCH_PRECISION);
        t = polynomial_sign(q, interval, 4 * SEARCH_PRECISION);
        if (s * t != 0)
            sign = s * t > 0 ? CAUSTIC_SIGN_POSITIVE : CAUSTIC_SIGN_NEGATIVE;
    }
    fmpz_poly_clear(p);
    fmpz_poly_clear(q);
    return sign;
}

caustic_sign
exact_sign(work_struct * work, caustic_expr e, const region_struct * interval)
{
    caustic_sign sign = CAUSTIC_SIGN_UNKNOWN;
    gr_ctx_t field;
    gr_ptr x;

    if (e == CAUSTIC_NONE || region_is_point(interval))
        return sign;
    field_on(field, work, interval);
    x = gr_heap_init(field);
    if (caustic_field_set_expr(x, e, field) == GR_SUCCESS)
        sign = sign_of_element(x, field, interval);
    gr_heap_clear(x, field);
    gr_ctx_clear(field);
    return sign;
}

int
exact_is_above(work_struct * work, caustic_expr e, const fmpq_t bound, const region_struct * interval)
{
    caustic_pool * pool = work->problem->pool;
    caustic_sign sign = exact_sign(work, caustic_sub(pool, e, caustic_number(pool, bound)), interval);

    return sign == CAUSTIC_SIGN_POSITIVE || sign == CAUSTIC_SIGN_NONNEGATIVE || sign == CAUSTIC_SIGN_ZERO;
}
