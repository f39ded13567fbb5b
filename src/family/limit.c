/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    What T* tends to at an end that the interval of the one parameter leaves out: near it, each
    comparison with a function of the parameter comes out one way. [FAMILY-8]
*/

#include <string.h>
#include <caustic/shock.h>
#include "family/theorem.h"

#define SCALE_LIMIT 64 /* limits outside 2^-64 ... 2^64 are not looked for */
#define BISECTIONS 40

static int
against_number(const family_work * work, const fmpq_t time, int upper)
{
    return exact_time_near_end(work, caustic_number(work->pool, time), upper);
}

/* lower <= T* < above near the end, both powers of 2: one more than a factor 2 from the other only where those between did not tell. 1: found. */
static int
find_scale(fmpq_t lower, fmpq_t above, const family_work * work, int upper)
{
    fmpq_t next;
    int sign, found = 0;

    fmpq_init(next);
    fmpq_one(lower);
    fmpq_one(above);
    fmpq_one(next);
    sign = against_number(work, next, upper);
    for (slong k = 0; k < SCALE_LIMIT && sign != 0 && !found; k++)
    {
        int there;

        if (sign > 0)
            fmpq_mul_2exp(next, next, 1);
        else
            fmpq_div_2exp(next, next, 1);
        there = against_number(work, next, upper);
        found = there == -sign;
        if (there != 0)
            fmpq_set(there > 0 ? lower : above, next);
    }
    fmpq_clear(next);
    return found;
}

/* y - q or q - y, which is positive */
static caustic_expr
distance_to_end(const family_work * work, int upper)
{
    caustic_expr q = caustic_number(work->pool, upper ? work->range->upper : work->range->lower), y = work->symbol[1];

    return upper ? caustic_sub(work->pool, q, y) : caustic_sub(work->pool, y, q);
}

/* r +- d^(1/n) lies on the other side of T*, for one of a few n. */
static int
is_reached(const family_work * work, const fmpq_t r, int side, int upper)
{
    caustic_pool * pool = work->pool;
    caustic_expr number = caustic_number(pool, r), away;
    int reached = 0;
    fmpq_t power;

    fmpq_init(power);
    for (ulong n = 1; n <= 4 && !reached; n *= 2)
    {
        fmpq_set_si(power, 1, n);
        away = caustic_power(pool, distance_to_end(work, upper), power);
        reached = exact_time_near_end(work, side > 0 ? caustic_add(pool, number, away) : caustic_sub(pool, number, away), upper) == -side;
    }
    fmpq_clear(power);
    return reached;
}

/* The limit is r itself: T* lies between functions that tend to r. */
static int
is_limit(const family_work * work, const fmpq_t r, int upper)
{
    return is_reached(work, r, 1, upper) && (against_number(work, r, upper) == 1 || is_reached(work, r, -1, upper));
}

static void
find_limit(caustic_theorem_limit_t limit, const family_work * work, int upper)
{
    fmpq_t lower, above, middle;
    int sign = 1;

    fmpq_init(lower);
    fmpq_init(above);
    fmpq_init(middle);
    limit->known = find_scale(lower, above, work, upper);
    for (slong i = 0; i < BISECTIONS && limit->known && sign != 0; i++)
    {
        fmpq_add(middle, lower, above);
        fmpq_div_2exp(middle, middle, 1);
        sign = against_number(work, middle, upper);
        if (sign != 0)
            fmpq_set(sign > 0 ? lower : above, middle);
    }
    fmpq_set(limit->lower, lower);
    fmpq_set(limit->upper, above);
    if (limit->known)
    {
        fmpq_simplest_between(middle, lower, above);
        limit->exact = is_limit(work, middle, upper);
        if (limit->exact)
        {
            fmpq_set(limit->lower, middle);
            fmpq_set(limit->upper, middle);
        }
    }
    fmpq_clear(lower);
    fmpq_clear(above);
    fmpq_clear(middle);
}

/* Claims *************************************************************************************/

static caustic_verdict
threshold_verdict(const caustic_theorem_limit_t limit, const family_work * work, int upper)
{
    const caustic_theorem_problem * problem = work->problem;
    int sign = sign_at_number(work, problem->no_shock_iff, upper ? work->range->upper : work->range->lower), claimed;

    if (sign == 2 || (limit->shock && !limit->known))
        return CAUSTIC_UNDECIDED;
    claimed = problem->strict ? sign > 0 : sign >= 0;
    return claimed == !limit->shock ? CAUSTIC_PROVED : CAUSTIC_REFUTED;
}

/* The claimed formula is continuous at the end, so that its value there is the limit if it is T* before. */
static caustic_verdict
formula_verdict(const family_work * work, int upper)
{
    caustic_interval_t around;
    gr_ctx_t line;
    caustic_text_t why;
    int smooth;

    caustic_interval_init(around);
    caustic_text_init(why);
    caustic_interval_set(around, work->range);
    around->lower_closed = around->upper_closed = 0;
    /* half the interval on the inside, as much on the outside */
    if (upper)
    {
        fmpq_sub(around->upper, around->upper, around->lower);
        fmpq_add(around->upper, around->upper, work->range->upper);
    }
    else
    {
        fmpq_sub(around->lower, around->lower, around->upper);
        fmpq_add(around->lower, around->lower, work->range->lower);
    }
    caustic_field_ctx_init(line, work->pool, work->symbol + 1, around, 1);
    smooth = caustic_field_is_smooth(why, work->problem->time, NULL, 0, 0, line) == T_TRUE;
    gr_ctx_clear(line);
    caustic_text_clear(why);
    caustic_interval_clear(around);
    return smooth ? CAUSTIC_PROVED : CAUSTIC_UNDECIDED;
}

void
caustic_theorem_limit_init(caustic_theorem_limit_t limit, const caustic_theorem_problem * problem, int upper)
{
    family_work work;
    caustic_text_t why;
    int shock = -1;

    memset(limit, 0, sizeof(caustic_theorem_limit_struct));
    fmpq_init(limit->lower);
    fmpq_init(limit->upper);
    limit->threshold = limit->formula = CAUSTIC_UNDECIDED;
    caustic_text_init(why);
    if (problem->family->parameters == 1 && family_work_init(&work, problem, why))
    {
        shock = exact_shock_near_end(&work, upper);
        limit->shock = shock != 0;
        limit->known = shock == 0;
        if (shock == 1)
            find_limit(limit, &work, upper);
        if (shock >= 0 && problem->no_shock_iff != CAUSTIC_NONE)
            limit->threshold = threshold_verdict(limit, &work, upper);
        if (problem->time != CAUSTIC_NONE)
            limit->formula = formula_verdict(&work, upper);
    }
    family_work_clear(&work);
    caustic_text_clear(why);
}

int
caustic_theorem_limit_is_value(const caustic_theorem_limit_t limit, const caustic_theorem_problem * problem, caustic_expr cometric, caustic_expr loss)
{
    const caustic_family_struct * family = problem->family;
    caustic_shock_result_t value;
    caustic_shock_problem shock;
    int same;

    if (!limit->known || (limit->shock && !limit->exact))
        return 0;
    memset(&shock, 0, sizeof(shock));
    shock.pool = family->pool;
    shock.z = family->symbol[0];
    *shock.domain = *family->range;
    *shock.box = *problem->box;
    shock.cometric = cometric;
    shock.loss = loss;
    shock.digits = 20;
    shock.precision_limit = 4096;
    shock.box_limit = problem->box_limit;
    shock.claimed_time = limit->shock ? caustic_number(family->pool, limit->lower) : CAUSTIC_NONE;
    shock.claimed_at = CAUSTIC_NONE;
    caustic_shock_result_init(value);
    caustic_shock_global_1d(value, &shock);
    same = value->verdict == CAUSTIC_PROVED && value->shock == limit->shock
        && (!limit->shock || (value->claim_time == CAUSTIC_PROVED && value->claim_exact));
    caustic_shock_result_clear(value);
    return same;
}

void
caustic_theorem_limit_clear(caustic_theorem_limit_t limit)
{
    fmpq_clear(limit->lower);
    fmpq_clear(limit->upper);
}
