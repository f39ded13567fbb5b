/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Rational h: the zeros of h' are those of a squarefree polynomial, isolated by FLINT, so that the
    candidates for the infimum are finitely many algebraic numbers, the ends, and limits at open or
    infinite ends. [SHOCK-10]
*/

#include <flint/arb_fmpz_poly.h>
#include <flint/qqbar.h>
#include "base/polynomial.h"
#include "expression/algebraic.h"
#include "shock_internal.h"

#define DEGREE_LIMIT 80

/* Polynomials ********************************************************************************/

static void
open_part(region_struct * open, const region_struct * region)
{
    *open = *region; /* shares the ends, which are only read */
    open->lower_included = 0;
    open->upper_included = 0;
}

/* A number of the open interval. */
static void
sample(fmpq_t x, const region_struct * interval)
{
    fmpq_t one;

    fmpq_init(one);
    fmpq_one(one);
    if (interval->lower_infinite && interval->upper_infinite)
        fmpq_zero(x);
    else if (interval->lower_infinite)
        fmpq_sub(x, interval->upper, one);
    else if (interval->upper_infinite)
        fmpq_add(x, interval->lower, one);
    else
    {
        fmpq_add(x, interval->lower, interval->upper);
        fmpq_div_2exp(x, x, 1);
    }
    fmpq_clear(one);
}

int
polynomial_sign(const fmpz_poly_t p, const region_struct * interval, slong prec)
{
    region_struct open;
    fmpz_poly_t s;
    fmpq_t x;
    arb_ptr roots;
    slong length, allocated, i;
    int sign = 1;

    if (fmpz_poly_is_zero(p) || fmpz_poly_degree(p) > DEGREE_LIMIT)
        return 0;
    fmpz_poly_init(s);
    fmpq_init(x);
    open_part(&open, interval);
    polynomial_squarefree_part(s, p);
    if (!interval->lower_infinite)
        polynomial_remove_root(s, interval->lower);
    if (!interval->upper_infinite)
        polynomial_remove_root(s, interval->upper);
    length = polynomial_real_roots(&roots, &allocated, s, prec);
    for (i = 0; i < length; i++)
        if (region_contains(&open, roots + i) != -1)
            sign = 0;
    if (sign != 0)
    {
        sample(x, interval);
        fmpz_poly_evaluate_fmpq(x, p, x);
        sign = fmpq_sgn(x);
    }
    _arb_vec_clear(roots, allocated);
    fmpz_poly_clear(s);
    fmpq_clear(x);
    return sign;
}

/* The zeros of h' ****************************************************************************/

void
rational_prepare(work_struct * work)
{
    fmpz_poly_t left, right;

    fmpz_poly_init(left);
    fmpz_poly_init(right);
    fmpz_poly_derivative(left, work->numerator);
    fmpz_poly_mul(left, left, work->denominator);
    fmpz_poly_derivative(right, work->denominator);
    fmpz_poly_mul(right, right, work->numerator);
    fmpz_poly_sub(left, left, right);
    if (fmpz_poly_is_zero(left))
        fmpz_poly_zero(work->critical);
    else
    {
        polynomial_squarefree_part(work->critical, left);
        if (!work->region.lower_infinite)
            polynomial_remove_root(work->critical, work->region.lower);
        if (!work->region.upper_infinite)
            polynomial_remove_root(work->critical, work->region.upper);
    }
    fmpz_poly_clear(left);
    fmpz_poly_clear(right);
}

static void
value_at_fmpq(fmpq_t y, const work_struct * work, const fmpq_t x)
{
    fmpq_t d;

    fmpq_init(d);
    fmpz_poly_evaluate_fmpq(y, work->numerator, x);
    fmpz_poly_evaluate_fmpq(d, work->denominator, x);
    fmpq_div(y, y, d);
    fmpq_clear(d);
}

static void
set_exact_value(place_struct * place, work_struct * work, const fmpq_t value, slong prec)
{
    place->settled = 1;
    place->point_value = caustic_number(work->problem->pool, value);
    arb_set_fmpq(place->value, value, prec);
}

/* The limit at a finite or infinite end: finite (*value), or its sign is returned. */
static int
limit_at(fmpq_t value, const work_struct * work, int side)
{
    const region_struct * region = &work->region;
    int infinite = side < 0 ? region->lower_infinite : region->upper_infinite;
    const fmpq * end = side < 0 ? region->lower : region->upper;
    slong n = fmpz_poly_degree(work->numerator), d = fmpz_poly_degree(work->denominator), order;
    fmpz_poly_t rest;
    fmpq_t x, y;
    int sign = 0;

    fmpq_zero(value);
    if (infinite)
    {
        if (n < d || fmpz_poly_is_zero(work->numerator))
            return 0;
        fmpq_set_fmpz_frac(value, fmpz_poly_lead(work->numerator), fmpz_poly_lead(work->denominator));
        if (n == d)
            return 0;
        sign = fmpq_sgn(value);
        return side < 0 && (n - d) % 2 != 0 ? -sign : sign;
    }

    fmpz_poly_init(rest);
    fmpq_init(x);
    fmpq_init(y);
    fmpz_poly_set(rest, work->denominator);
    order = polynomial_remove_root(rest, end);
    if (order == 0)
        value_at_fmpq(value, work, end);
    else
    {
        /* numerator and denominator are coprime: the numerator does not vanish there */
        fmpz_poly_evaluate_fmpq(x, work->numerator, end);
        fmpz_poly_evaluate_fmpq(y, rest, end);
        sign = fmpq_sgn(x) * fmpq_sgn(y);
        if (side > 0 && order % 2 != 0)
            sign = -sign;
    }
    fmpz_poly_clear(rest);
    fmpq_clear(x);
    fmpq_clear(y);
    return sign;
}

/* -1: h -> -inf there */
static int
add_end(work_struct * work, int side, slong prec)
{
    const region_struct * region = &work->region;
    int included = side < 0 ? region->lower_included : region->upper_included;
    place_struct * place;
    fmpq_t value;
    int sign;

    fmpq_init(value);
    sign = limit_at(value, work, side);
    if (sign == 0)
    {
        place = work_add_place(work, included ? PLACE_END : PLACE_LIMIT);
        place->side = side;
        place->included = included;
        set_exact_value(place, work, value, prec);
        if (included)
        {
            place->point = caustic_number(work->problem->pool, side < 0 ? region->lower : region->upper);
            arb_set_fmpq(place->location, side < 0 ? region->lower : region->upper, prec);
        }
    }
    fmpq_clear(value);
    return sign;
}

static int
add_root(work_struct * work, const arb_t root, slong prec)
{
    place_struct * place = work_add_place(work, PLACE_INTERIOR);
    fmpq_t x, y;
    arb_t d;
    int good = 1;

    fmpq_init(x);
    fmpq_init(y);
    arb_init(d);
    place->included = 1;
    arb_set(place->zone, root);
    arb_set(place->location, root);
    if (exact_simplest(x, root) && polynomial_vanishes_at(work->critical, x) && arb_contains_fmpq(root, x))
    {
        value_at_fmpq(y, work, x);
        set_exact_value(place, work, y, prec);
        place->point = caustic_number(work->problem->pool, x);
        arb_set_fmpq(place->location, x, prec);
    }
    else
    {
        place->algebraic = 1;
        place->settled = 1;
        arb_fmpz_poly_evaluate_arb(place->value, work->numerator, root, prec);
        arb_fmpz_poly_evaluate_arb(d, work->denominator, root, prec);
        arb_div(place->value, place->value, d, prec);
        good = arb_is_finite(place->value);
        if (good && arb_contains_zero(place->value))
        {
            if (algebraic_is_zero(work, place, work->numerator, prec) == T_TRUE)
                arb_zero(place->value);
            else
                good = 0;
        }
    }
    fmpq_clear(x);
    fmpq_clear(y);
    arb_clear(d);
    return good;
}

rational_status
rational_places(work_struct * work, slong prec)
{
    region_struct open;
    rational_status status = RATIONAL_OK;
    arb_ptr roots;
    slong length, allocated, i;
    int inside;

    if (fmpz_poly_degree(work->critical) > DEGREE_LIMIT)
        return RATIONAL_TOO_LARGE;
    work_clear_search(work);
    arf_zero(work->ceiling);
    open_part(&open, &work->region);

    if (add_end(work, -1, prec) < 0 || add_end(work, 1, prec) < 0)
        return RATIONAL_UNBOUNDED;
    length = polynomial_real_roots(&roots, &allocated, work->critical, prec);
    for (i = 0; i < length; i++)
    {
        inside = region_contains(&open, roots + i);
        if (inside == 0 || (inside > 0 && !add_root(work, roots + i, prec)))
            status = RATIONAL_PRECISION;
    }
    _arb_vec_clear(roots, allocated);
    return status;
}

/* Algebraic numbers **************************************************************************/

/* critical = q r with q = gcd(critical, p) and, critical being squarefree, q and r without a common
   root: the place is a root of exactly one of them, and of q iff p vanishes there. */
truth_t
algebraic_is_zero(const work_struct * work, const place_struct * place, const fmpz_poly_t p, slong prec)
{
    fmpz_poly_t q, r;
    arb_t y;
    truth_t zero = T_UNKNOWN;

    if (fmpz_poly_is_zero(p))
        return T_TRUE;
    fmpz_poly_init(q);
    fmpz_poly_init(r);
    arb_init(y);
    fmpz_poly_gcd(q, work->critical, p);
    fmpz_poly_div(r, work->critical, q);
    arb_fmpz_poly_evaluate_arb(y, q, place->location, prec);
    if (arb_is_finite(y) && !arb_contains_zero(y))
        zero = T_FALSE;
    else
    {
        arb_fmpz_poly_evaluate_arb(y, r, place->location, prec);
        if (arb_is_finite(y) && !arb_contains_zero(y))
            zero = T_TRUE;
    }
    fmpz_poly_clear(q);
    fmpz_poly_clear(r);
    arb_clear(y);
    return zero;
}

static int
qqbar_of_place(qqbar_t res, const work_struct * work, const place_struct * place)
{
    slong degree = fmpz_poly_degree(work->critical), i, found = 0;
    qqbar_ptr roots;
    arb_t im, re;

    if (place->point != CAUSTIC_NONE && caustic_expr_op(work->problem->pool, place->point) == CAUSTIC_OP_NUMBER)
    {
        qqbar_set_fmpq(res, caustic_expr_fmpq(work->problem->pool, place->point));
        return 1;
    }
    if (!place->algebraic || degree > ALGEBRAIC_DEGREE)
        return 0;
    arb_init(im);
    arb_init(re);
    roots = _qqbar_vec_init(degree);
    qqbar_roots_fmpz_poly(roots, work->critical, QQBAR_ROOTS_UNSORTED);
    for (i = 0; i < degree; i++)
    {
        if (!qqbar_is_real(roots + i))
            continue;
        qqbar_get_arb(re, roots + i, 4 * SEARCH_PRECISION);
        if (arb_overlaps(re, place->location))
        {
            qqbar_set(res, roots + i);
            found++;
        }
    }
    _qqbar_vec_clear(roots, degree);
    arb_clear(im);
    arb_clear(re);
    return found == 1;
}

static int
qqbar_of_value(qqbar_t res, const work_struct * work, const place_struct * place)
{
    qqbar_t d;
    int good;

    if (place->point_value != CAUSTIC_NONE)
        return algebraic_of_constant(res, work->problem->pool, place->point_value);
    qqbar_init(d);
    good = qqbar_of_place(res, work, place);
    if (good)
    {
        qqbar_evaluate_fmpz_poly(d, work->denominator, res);
        qqbar_evaluate_fmpz_poly(res, work->numerator, res);
        good = !qqbar_is_zero(d) && qqbar_binop_within_limits(res, d, ALGEBRAIC_DEGREE * ALGEBRAIC_DEGREE, ALGEBRAIC_BITS);
        if (good)
            qqbar_div(res, res, d);
    }
    qqbar_clear(d);
    return good;
}

truth_t
algebraic_claim(const work_struct * work, const place_struct * place, caustic_expr time, slong prec)
{
    const caustic_pool * pool = work->problem->pool;
    fmpz_poly_t p, q;
    qqbar_t h, c;
    truth_t equal = T_UNKNOWN;

    if (caustic_expr_op(pool, time) == CAUSTIC_OP_NUMBER)
    {
        /* c h + 1 = (c_n numerator + c_d denominator)/(c_d denominator) */
        fmpz_poly_init(p);
        fmpz_poly_init(q);
        fmpz_poly_scalar_mul_fmpz(p, work->numerator, fmpq_numref(caustic_expr_fmpq(pool, time)));
        fmpz_poly_scalar_mul_fmpz(q, work->denominator, fmpq_denref(caustic_expr_fmpq(pool, time)));
        fmpz_poly_add(p, p, q);
        equal = algebraic_is_zero(work, place, p, prec);
        fmpz_poly_clear(p);
        fmpz_poly_clear(q);
        return equal;
    }
    qqbar_init(h);
    qqbar_init(c);
    if (algebraic_of_constant(c, pool, time) && qqbar_of_value(h, work, place)
        && qqbar_binop_within_limits(h, c, ALGEBRAIC_DEGREE * ALGEBRAIC_DEGREE, ALGEBRAIC_BITS))
    {
        /* c = -1/h */
        if (qqbar_is_zero(h))
            equal = T_FALSE;
        else
        {
            qqbar_inv(h, h);
            qqbar_neg(h, h);
            equal = qqbar_equal(h, c) ? T_TRUE : T_FALSE;
        }
    }
    qqbar_clear(h);
    qqbar_clear(c);
    return equal;
}

truth_t
algebraic_point(const work_struct * work, const place_struct * place, caustic_expr point)
{
    const caustic_pool * pool = work->problem->pool;
    qqbar_t x, y;
    truth_t equal = T_UNKNOWN;

    if (caustic_expr_op(pool, point) == CAUSTIC_OP_NUMBER)
        return polynomial_vanishes_at(work->critical, caustic_expr_fmpq(pool, point))
            && arb_contains_fmpq(place->location, caustic_expr_fmpq(pool, point)) ? T_TRUE : T_FALSE;
    qqbar_init(x);
    qqbar_init(y);
    if (algebraic_of_constant(x, pool, point) && qqbar_of_place(y, work, place))
        equal = qqbar_equal(x, y) ? T_TRUE : T_FALSE;
    qqbar_clear(x);
    qqbar_clear(y);
    return equal;
}

truth_t
algebraic_same_value(const work_struct * work, const place_struct * a, const place_struct * b)
{
    qqbar_t x, y;
    truth_t equal = T_UNKNOWN;

    qqbar_init(x);
    qqbar_init(y);
    if (qqbar_of_value(x, work, a) && qqbar_of_value(y, work, b))
        equal = qqbar_equal(x, y) ? T_TRUE : T_FALSE;
    qqbar_clear(x);
    qqbar_clear(y);
    return equal;
}
