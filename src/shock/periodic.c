/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Functions of z that repeat: every z stands inside sin, cos or tan of a z + b, and the quotients of the a are
    rational. Then one period says everything. [SHOCK-17]
*/

#include "shock_internal.h"

static int
is_wave(caustic_op op)
{
    return op == CAUSTIC_OP_SIN || op == CAUSTIC_OP_COS || op == CAUSTIC_OP_TAN;
}

/* For every node up to `top` whether z occurs in it: children have smaller handles. */
static char *
dependence(const caustic_pool * pool, caustic_expr top, caustic_expr z)
{
    char * depends = flint_calloc((size_t) top + 1, 1);

    for (caustic_expr node = 1; node <= top; node++)
    {
        depends[node] = node == z;
        for (slong i = 0; i < caustic_expr_arity(pool, node); i++)
            depends[node] |= depends[caustic_expr_child(pool, node, i)];
    }
    return depends;
}

/* e is a polynomial of degree one at most in z, by its form: *slope = a where e = a z + b. */
static int
is_affine(caustic_expr * slope, caustic_pool * pool, caustic_expr e, caustic_expr z, const char * depends)
{
    char * reached = flint_calloc((size_t) e + 1, 1);
    int affine = 1;

    reached[e] = 1;
    for (caustic_expr node = e; node > 0 && affine; node--)
    {
        caustic_op op = caustic_expr_op(pool, node);

        if (!reached[node] || node == z || !depends[node])
            continue;
        affine = op == CAUSTIC_OP_SUM || op == CAUSTIC_OP_PRODUCT;
        for (slong i = 0; i < caustic_expr_arity(pool, node); i++)
            reached[caustic_expr_child(pool, node, i)] = 1;
    }
    flint_free(reached);
    *slope = affine ? caustic_derivative(pool, e, z) : CAUSTIC_NONE;
    return *slope != CAUSTIC_NONE && !caustic_expr_depends(pool, *slope, z);
}

/* The slopes are integer multiples of unit*common. */
static int
add_frequency(caustic_expr * unit, fmpq_t common, caustic_pool * pool, caustic_expr slope)
{
    caustic_expr ratio;

    if (*unit == CAUSTIC_NONE)
    {
        *unit = slope;
        fmpq_one(common);
        return 1;
    }
    ratio = caustic_div(pool, slope, *unit);
    if (ratio == CAUSTIC_NONE || caustic_expr_op(pool, ratio) != CAUSTIC_OP_NUMBER)
        return 0;
    fmpq_gcd(common, common, caustic_expr_fmpq(pool, ratio));
    return 1;
}

/* Waves of many different arguments (a sum over data) are not worth the time. */
#define WAVES_LIMIT 256

/* From the roots down to the waves. */
static int
collect_frequencies(caustic_expr * unit, fmpq_t common, caustic_pool * pool, caustic_expr z, const caustic_expr * roots, slong length)
{
    caustic_expr top = roots[0], slope;
    char * reached, * depends;
    slong waves = 0;
    int periodic = 1;

    for (slong i = 1; i < length; i++)
        top = FLINT_MAX(top, roots[i]);
    reached = flint_calloc((size_t) top + 1, 1);
    depends = dependence(pool, top, z);
    for (slong i = 0; i < length; i++)
        reached[roots[i]] = 1;
    for (caustic_expr node = top; node > 0 && periodic; node--)
    {
        if (!reached[node] || !depends[node])
            continue;
        if (node == z)
            periodic = 0;
        else if (is_wave(caustic_expr_op(pool, node)))
            periodic = ++waves <= WAVES_LIMIT && is_affine(&slope, pool, caustic_expr_child(pool, node, 0), z, depends)
                && add_frequency(unit, common, pool, slope);
        else
            for (slong i = 0; i < caustic_expr_arity(pool, node); i++)
                reached[caustic_expr_child(pool, node, i)] = 1;
    }
    flint_free(reached);
    flint_free(depends);
    return periodic && *unit != CAUSTIC_NONE;
}

/* 2 pi/|unit common|, and a fraction that is at least as long */
static int
set_period(caustic_expr * period, fmpq_t length, work_struct * work, caustic_expr unit, const fmpq_t common)
{
    caustic_pool * pool = work->problem->pool;
    arb_t value;
    arf_t upper;
    int known;

    arb_init(value);
    arf_init(upper);
    *period = caustic_div(pool, caustic_mul(pool, caustic_integer(pool, 2), caustic_pi(pool)),
        caustic_mul(pool, unit, caustic_number(pool, common)));
    known = *period != CAUSTIC_NONE && exact_evaluate(value, work, *period, SEARCH_PRECISION) && arb_is_nonzero(value);
    if (known && arb_is_negative(value))
    {
        *period = caustic_neg(pool, *period);
        arb_neg(value, value);
    }
    arb_get_ubound_arf(upper, value, SEARCH_PRECISION);
    known = known && arf_cmpabs_2exp_si(upper, 4096) < 0 && arf_cmpabs_2exp_si(upper, -4096) > 0;
    if (known)
        arf_get_fmpq(length, upper);
    arb_clear(value);
    arf_clear(upper);
    return known;
}

int
period_find(caustic_expr * period, fmpq_t length, work_struct * work, const caustic_expr * roots, slong roots_length)
{
    caustic_pool * pool = work->problem->pool;
    caustic_expr unit = CAUSTIC_NONE;
    fmpq_t common;
    int periodic = 1;

    fmpq_init(common);
    for (slong i = 0; i < roots_length; i++)
        periodic = periodic && roots[i] != CAUSTIC_NONE;
    periodic = periodic && collect_frequencies(&unit, common, pool, work->problem->z, roots, roots_length)
        && set_period(period, length, work, unit, common);
    fmpq_clear(common);
    return periodic;
}

#define MANY_PERIODS 64

int
period_is_worthwhile(const work_struct * work, const fmpq_t length)
{
    const region_struct * region = &work->region;
    fmpq_t periods, many;
    int worthwhile = 1;

    if (!region_is_finite(region))
        return 1;
    fmpq_init(periods);
    fmpq_init(many);
    fmpq_sub(periods, region->upper, region->lower);
    fmpq_div(periods, periods, length);
    fmpq_set_si(many, MANY_PERIODS, 1);
    worthwhile = fmpq_cmp(periods, many) > 0;
    fmpq_clear(periods);
    fmpq_clear(many);
    return worthwhile;
}

/* [SHOCK-17] An interval of that length in the open region, which is longer than two of them; the usual places, such as 0, are not among its ends. */
void
period_set_core(work_struct * work, const fmpq_t length)
{
    const region_struct * region = &work->region;
    fmpq_t shift;

    fmpq_init(shift);
    fmpq_set_si(shift, 2, 5);
    fmpq_mul(shift, shift, length);
    if (!region->lower_infinite)
        fmpq_add(work->core_lower, region->lower, shift);
    else if (!region->upper_infinite)
    {
        fmpq_sub(work->core_lower, region->upper, shift);
        fmpq_sub(work->core_lower, work->core_lower, length);
    }
    else
        fmpq_neg(work->core_lower, shift);
    fmpq_add(work->core_upper, work->core_lower, length);
    fmpq_sub(work->core_width, work->core_upper, work->core_lower);
    fmpq_clear(shift);
}

static int
lies_in_core(work_struct * work, caustic_expr place, slong prec)
{
    arb_t x, lower, upper;
    int inside;

    arb_init(x);
    arb_init(lower);
    arb_init(upper);
    arb_set_fmpq(lower, work->core_lower, prec);
    arb_set_fmpq(upper, work->core_upper, prec);
    inside = exact_evaluate(x, work, place, prec) && arb_gt(x, lower) && arb_lt(x, upper);
    arb_clear(x);
    arb_clear(lower);
    arb_clear(upper);
    return inside;
}

/* Which whole number of periods is taken off is no matter of proof: that the result lies in the core is checked. */
caustic_expr
period_reduce(work_struct * work, caustic_expr place)
{
    caustic_pool * pool = work->problem->pool;
    caustic_expr reduced = CAUSTIC_NONE;
    arb_t x, y;
    fmpz_t turns;
    fmpq_t number;
    slong prec = work->precision + SEARCH_PRECISION;

    arb_init(x);
    arb_init(y);
    fmpz_init(turns);
    fmpq_init(number);
    if (exact_evaluate(x, work, place, prec) && arf_cmpabs_2exp_si(arb_midref(x), prec) < 0)
    {
        arb_set_fmpq(y, work->core_lower, prec);
        arb_sub(x, x, y, prec);
        exact_evaluate(y, work, work->period, prec);
        arb_div(x, x, y, prec);
        arf_get_fmpz(turns, arb_midref(x), ARF_RND_FLOOR);
        fmpq_set_fmpz(number, turns);
        reduced = caustic_sub(pool, place, caustic_mul(pool, caustic_number(pool, number), work->period));
        if (reduced != CAUSTIC_NONE && !lies_in_core(work, reduced, prec))
            reduced = CAUSTIC_NONE;
    }
    arb_clear(x);
    arb_clear(y);
    fmpz_clear(turns);
    fmpq_clear(number);
    return reduced;
}
