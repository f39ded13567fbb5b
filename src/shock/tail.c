/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    h between a cut and an open or infinite end: a change of variable brings the end to infinity, where h is enclosed
    by growth monomials. [SHOCK-16]
*/

#include "shock/tail.h"
#include "shock_internal.h"

/* Where x starts: log x > 1 there. */
#define START 8

/* z as a function of x >= START: c x or -c x at infinite ends, e + c/x or e - c/x at a finite end e, with c > 0 such
   that START is the cut. 0: there is no such c. */
static int
change_of_variable(growth_t z, growth_domain * domain, const work_struct * work, int side)
{
    const region_struct * region = &work->region;
    int infinite = side < 0 ? region->lower_infinite : region->upper_infinite;
    const fmpq * end = side < 0 ? region->lower : region->upper;
    const fmpq * cut = side < 0 ? work->core_lower : work->core_upper;
    growth_t place;
    fmpq_t scale, start;
    int fits;

    growth_init(place);
    fmpq_init(scale);
    fmpq_init(start);
    domain->pool = work->problem->pool;
    domain->symbol = work->problem->z;
    fmpq_set_si(start, START, 1);
    fmpq_set(domain->from, start);
    if (infinite)
    {
        fmpq_div(scale, cut, start);
        fits = fmpq_sgn(scale) == side;
        growth_set_power(z, 1, 1);
    }
    else
    {
        fmpq_sub(scale, cut, end);
        fmpq_mul(scale, scale, start);
        fits = fmpq_sgn(scale) == -side;
        growth_set_power(z, 1, -1);
        growth_set_fmpq(place, end);
    }
    fmpq_set(z->terms->rational, scale);
    growth_add(z, z, place, domain);
    growth_clear(place);
    fmpq_clear(scale);
    fmpq_clear(start);
    return fits;
}

int
expression_tail_bound(arf_t bound, caustic_pool * pool, caustic_expr e, caustic_expr symbol, const fmpq_t cut, int side, slong prec)
{
    growth_domain domain = {.pool = pool, .symbol = symbol, .prec = prec};
    growth_t z, value;
    arb_t range;
    int known;

    growth_init(z);
    growth_init(value);
    arb_init(range);
    fmpq_init(domain.from);
    fmpq_set_si(domain.from, START, 1);
    growth_set_power(z, 1, 1);
    fmpq_div(z->terms->rational, cut, domain.from);
    known = fmpq_sgn(cut) == side;
    if (known)
        growth_enclose(value, &e, 1, &symbol, z, 1, &domain);
    known = known && value->known;
    arf_zero(bound);
    if (known && growth_range(range, value, &domain))
        arb_get_lbound_arf(bound, range, prec);
    else
        known = known && growth_sign(value, &domain) > 0;
    growth_clear(z);
    growth_clear(value);
    arb_clear(range);
    fmpq_clear(domain.from);
    return known && arf_is_finite(bound);
}

void
tail_init(tail_struct * tail)
{
    fmpq_init(tail->domain.from);
    growth_init(tail->curvature);
    growth_init(tail->above);
    arb_init(tail->limit);
}

void
tail_clear(tail_struct * tail)
{
    fmpq_clear(tail->domain.from);
    growth_clear(tail->curvature);
    growth_clear(tail->above);
    arb_clear(tail->limit);
}

static void
set_limit_number(tail_struct * tail, caustic_pool * pool)
{
    const growth_term * first = tail->curvature->terms;

    if (!tail->has_limit)
        return;
    if (growth_order(tail->curvature) < 0)
        tail->limit_number = caustic_integer(pool, 0);
    else if (arb_is_zero(first->constant))
        tail->limit_number = caustic_number(pool, first->rational);
}

static void
set_form(tail_struct * tail, work_struct * work, caustic_expr form, const growth_t z)
{
    growth_enclose(tail->curvature, &form, 1, &tail->domain.symbol, z, 1, &tail->domain);
    tail->limit_number = CAUSTIC_NONE;
    tail->has_limit = tail->curvature->known
        && growth_limit(tail->limit, tail->above, tail->curvature, &tail->domain);
    set_limit_number(tail, work->problem->pool);
}

/* A form that settles whether h lies above its limit, or else one with an enclosure: what cancels in the field's form
   [SHOCK-14] need not cancel in h as it is defined, and the other way round. */
void
tail_set(tail_struct * tail, work_struct * work, int side, slong prec)
{
    growth_t z;
    int settled = 0;

    growth_init(z);
    growth_unknown(tail->curvature);
    tail->has_limit = 0;
    tail->limit_number = CAUSTIC_NONE;
    tail->domain.prec = prec;
    if (change_of_variable(z, &tail->domain, work, side))
    {
        set_form(tail, work, work->curvature, z);
        settled = tail->curvature->known && growth_sign(tail->above, &tail->domain) != 0;
        if (!settled && work->has_exact)
            set_form(tail, work, caustic_field_get_expr(work->exact, work->field), z);
        if (!settled && !tail->curvature->known)
            set_form(tail, work, work->curvature, z);
    }
    growth_clear(z);
}

int
tail_exceeds(const tail_struct * tail, const fmpq_t bound)
{
    growth_t difference;
    int above;

    if (!tail->curvature->known)
        return 0;
    growth_init(difference);
    growth_set_fmpq(difference, bound);
    growth_sub(difference, tail->curvature, difference, &tail->domain);
    above = growth_sign(difference, &tail->domain) > 0;
    growth_clear(difference);
    return above;
}

int
tail_exceeds_limit(const tail_struct * tail)
{
    return tail->has_limit && growth_sign(tail->above, &tail->domain) > 0;
}

int
tail_is_unbounded_below(const tail_struct * tail)
{
    return tail->curvature->known && growth_order(tail->curvature) > 0
        && growth_sign(tail->curvature, &tail->domain) < 0;
}

void
tail_lower_bound(arf_t bound, const tail_struct * tail)
{
    arb_t range;

    arb_init(range);
    if (growth_range(range, tail->curvature, &tail->domain))
        arb_get_lbound_arf(bound, range, SEARCH_PRECISION);
    else if (growth_sign(tail->curvature, &tail->domain) > 0)
        arf_zero(bound);
    else
        arf_neg_inf(bound);
    arb_clear(range);
}
