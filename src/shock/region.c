/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <string.h>
#include "shock_internal.h"

void
region_init(region_struct * region)
{
    memset(region, 0, sizeof(region_struct));
    fmpq_init(region->lower);
    fmpq_init(region->upper);
}

void
region_clear(region_struct * region)
{
    fmpq_clear(region->lower);
    fmpq_clear(region->upper);
}

/* The box counts as closed at its finite ends; the domain decides whether an end exists at all. */
int
region_set(region_struct * region, const caustic_interval_t box, const caustic_interval_t domain)
{
    int order;

    region->lower_infinite = box->lower_infinite;
    region->upper_infinite = box->upper_infinite;
    region->lower_included = !box->lower_infinite;
    region->upper_included = !box->upper_infinite;
    fmpq_set(region->lower, box->lower);
    fmpq_set(region->upper, box->upper);

    if (!domain->lower_infinite)
    {
        order = region->lower_infinite ? -1 : fmpq_cmp(region->lower, domain->lower);
        if (order < 0)
            fmpq_set(region->lower, domain->lower);
        if (order <= 0)
            region->lower_included = domain->lower_closed;
        region->lower_infinite = 0;
    }
    if (!domain->upper_infinite)
    {
        order = region->upper_infinite ? 1 : fmpq_cmp(region->upper, domain->upper);
        if (order > 0)
            fmpq_set(region->upper, domain->upper);
        if (order >= 0)
            region->upper_included = domain->upper_closed;
        region->upper_infinite = 0;
    }

    if (region_is_finite(region))
    {
        order = fmpq_cmp(region->lower, region->upper);
        if (order > 0 || (order == 0 && !(region->lower_included && region->upper_included)))
            return 0;
    }
    return 1;
}

int
region_is_finite(const region_struct * region)
{
    return !region->lower_infinite && !region->upper_infinite;
}

int
region_is_point(const region_struct * region)
{
    return region_is_finite(region) && fmpq_equal(region->lower, region->upper);
}

static void
interval_set_region(caustic_interval_t interval, const region_struct * region)
{
    fmpq_set(interval->lower, region->lower);
    fmpq_set(interval->upper, region->upper);
    interval->lower_infinite = region->lower_infinite;
    interval->upper_infinite = region->upper_infinite;
    interval->lower_closed = region->lower_included;
    interval->upper_closed = region->upper_included;
}

int
region_contains(const region_struct * region, const arb_t x)
{
    caustic_interval_t interval;
    truth_t inside;

    caustic_interval_init(interval);
    interval_set_region(interval, region);
    inside = caustic_interval_contains_arb(interval, x);
    caustic_interval_clear(interval);
    return inside == T_TRUE ? 1 : inside == T_FALSE ? -1 : 0;
}

int
region_contains_expr(const region_struct * region, const caustic_pool * pool, caustic_expr e, const arb_t x)
{
    caustic_interval_t interval;
    int inside;

    if (caustic_expr_op(pool, e) != CAUSTIC_OP_NUMBER)
        return region_contains(region, x);
    caustic_interval_init(interval);
    interval_set_region(interval, region);
    inside = caustic_interval_contains_fmpq(interval, caustic_expr_fmpq(pool, e)) ? 1 : -1;
    caustic_interval_clear(interval);
    return inside;
}

void
region_inner_point(fmpq_t x, const region_struct * region)
{
    fmpq_zero(x);
    if (region_is_finite(region))
    {
        fmpq_add(x, region->lower, region->upper);
        fmpq_div_2exp(x, x, 1);
    }
    else if (!region->lower_infinite)
        fmpq_add_ui(x, region->lower, 1);
    else if (!region->upper_infinite)
        fmpq_sub_ui(x, region->upper, 1);
}
