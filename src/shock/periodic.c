/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Functions of z that repeat (caustic_expr_period): one period says everything. [SHOCK-17]
*/

#include "shock_internal.h"

/* Positive, and a fraction that is at least as long. */
static int
set_length(caustic_expr * period, fmpq_t length, work_struct * work)
{
    arb_t value;
    arf_t upper;
    int known;

    arb_init(value);
    arf_init(upper);
    known = *period != CAUSTIC_NONE && exact_evaluate(value, work, *period, SEARCH_PRECISION) && arb_is_nonzero(value);
    if (known && arb_is_negative(value))
    {
        *period = caustic_neg(work->problem->pool, *period);
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
    *period = caustic_expr_period(work->problem->pool, roots, roots_length, work->problem->z);
    return set_length(period, length, work);
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
