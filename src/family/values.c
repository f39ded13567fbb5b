/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Refutations by single values: T* there is certified by the search of one dimension. Nothing is proved here.
*/

#include <string.h>
#include <flint/fmpq_vec.h>
#include <caustic/shock.h>
#include "family/theorem.h"

#define DIGITS 40
#define CELLS 20000
#define POINTS 5
#define BISECTIONS 60

/* T* at one point of the parameters; 0: not decided there. */
static int
value_at(caustic_shock_result_t result, const family_work * work, const fmpq * point, caustic_expr time)
{
    const caustic_family_struct * family = work->problem->family;
    caustic_expr at[CAUSTIC_FAMILY_PARAMETERS];
    caustic_shock_problem shock;
    slong parameters = work->variables - 1;

    for (slong k = 0; k < parameters; k++)
        at[k] = caustic_number(work->pool, point + k);
    memset(&shock, 0, sizeof(shock));
    shock.pool = work->pool;
    shock.z = work->symbol[0];
    *shock.domain = *family->range;
    *shock.box = *work->problem->box;
    shock.cometric = caustic_substitute(work->pool, family->cometric, work->symbol + 1, at, parameters);
    shock.loss = caustic_substitute(work->pool, family->loss, work->symbol + 1, at, parameters);
    shock.digits = DIGITS;
    shock.precision_limit = 4096;
    shock.box_limit = CELLS;
    shock.claimed_time = time == CAUSTIC_NONE ? time : caustic_substitute(work->pool, time, work->symbol + 1, at, parameters);
    shock.claimed_at = CAUSTIC_NONE;
    if (shock.cometric == CAUSTIC_NONE || shock.loss == CAUSTIC_NONE)
        return 0;
    caustic_shock_global_1d(result, &shock);
    return result->verdict == CAUSTIC_PROVED;
}

static void
refuted_at(claim_struct * claim, const family_work * work, const fmpq * point)
{
    claim->verdict = CAUSTIC_REFUTED;
    caustic_text_reset(claim->text);
    caustic_text_append(claim->text, "at ");
    print_values(claim->text, work, point);
    caustic_text_append(claim->text, ": ");
}

static void
print_time(caustic_text_t out, const caustic_shock_result_t result)
{
    if (!result->shock)
        caustic_text_append(out, "there is no shock");
    else
    {
        caustic_text_append(out, "T* = ");
        caustic_print_lower(out, result->time, 20);
        caustic_text_append(out, "...");
    }
}

void
values_time(claim_struct * claim, const family_work * work, caustic_expr time)
{
    fmpq * point = _fmpq_vec_init(CAUSTIC_FAMILY_PARAMETERS);

    for (slong i = 0; i < POINTS && claim->verdict == CAUSTIC_UNDECIDED; i++)
    {
        caustic_shock_result_t result;

        inner_point(point, work, i);
        caustic_shock_result_init(result);
        if (value_at(result, work, point, time) && result->claim_time == CAUSTIC_REFUTED)
        {
            refuted_at(claim, work, point);
            print_time(claim->text, result);
        }
        caustic_shock_result_clear(result);
    }
    _fmpq_vec_clear(point, CAUSTIC_FAMILY_PARAMETERS);
}

void
values_none(claim_struct * claim, const family_work * work)
{
    fmpq * point = _fmpq_vec_init(CAUSTIC_FAMILY_PARAMETERS);

    for (slong i = 0; i < POINTS && claim->verdict == CAUSTIC_UNDECIDED; i++)
    {
        caustic_shock_result_t result;

        inner_point(point, work, i);
        caustic_shock_result_init(result);
        if (value_at(result, work, point, CAUSTIC_NONE) && result->shock)
        {
            refuted_at(claim, work, point);
            print_time(claim->text, result);
        }
        caustic_shock_result_clear(result);
    }
    _fmpq_vec_clear(point, CAUSTIC_FAMILY_PARAMETERS);
}

/* Places *************************************************************************************/

/* The simplest fraction in the ball of the one minimiser, if h_z is 0 there for all values. */
static caustic_expr
place_near(const family_work * work, const arb_t ball)
{
    caustic_expr place;
    fmpq_t low, high;
    arf_t end;

    fmpq_init(low);
    fmpq_init(high);
    arf_init(end);
    arb_get_lbound_arf(end, ball, 128);
    arf_get_fmpq(low, end);
    arb_get_ubound_arf(end, ball, 128);
    arf_get_fmpq(high, end);
    fmpq_simplest_between(low, low, high);
    place = caustic_number(work->pool, low);
    fmpq_clear(low);
    fmpq_clear(high);
    arf_clear(end);
    return vanishes_along(work, work->h_z, place) ? place : CAUSTIC_NONE;
}

/* A point at which a shock forms, with its T*. 0: none was found. */
static int
find_shock(caustic_shock_result_t result, const family_work * work)
{
    fmpq * point = _fmpq_vec_init(CAUSTIC_FAMILY_PARAMETERS);
    int found = 0;

    for (slong i = 0; i < POINTS && !found; i++)
    {
        inner_point(point, work, i);
        found = value_at(result, work, point, CAUSTIC_NONE) && result->shock;
        if (!found)
        {
            caustic_shock_result_clear(result);
            caustic_shock_result_init(result);
        }
    }
    _fmpq_vec_clear(point, CAUSTIC_FAMILY_PARAMETERS);
    return found;
}

caustic_expr
values_place(const family_work * work)
{
    caustic_expr place = CAUSTIC_NONE;
    caustic_shock_result_t result;

    caustic_shock_result_init(result);
    if (find_shock(result, work) && result->minimisers == 1)
        place = place_near(work, result->at);
    caustic_shock_result_clear(result);
    return place;
}

int
values_shock(const family_work * work)
{
    caustic_shock_result_t result;
    int found;

    caustic_shock_result_init(result);
    found = find_shock(result, work);
    caustic_shock_result_clear(result);
    return found;
}

/* Thresholds *********************************************************************************/

/* Whether a shock forms at the point: 1, 0, or -1; the claim is refuted there if it says otherwise. */
static int
compare_at(claim_struct * claim, const family_work * work, const fmpq * point)
{
    fmpq * all = _fmpq_vec_init(1 + CAUSTIC_FAMILY_PARAMETERS);
    caustic_shock_result_t result;
    int shock = -1, claimed;

    for (slong k = 0; k < work->variables - 1; k++)
        fmpq_set(all + 1 + k, point + k);
    claimed = sign_at(work, work->problem->no_shock_iff, all);
    caustic_shock_result_init(result);
    if (value_at(result, work, point, CAUSTIC_NONE))
    {
        shock = result->shock;
        if (claimed != 0 && (claimed > 0) == shock)
        {
            refuted_at(claim, work, point);
            print_time(claim->text, result);
            caustic_text_append(claim->text, shock ? ", although the claim says that there is no shock" : ", although the claim says that there is one");
        }
    }
    caustic_shock_result_clear(result);
    _fmpq_vec_clear(all, 1 + CAUSTIC_FAMILY_PARAMETERS);
    return shock;
}

/* Between a point with a shock and one without, where a wrong claim differs from the truth. */
static void
search_between(claim_struct * claim, const family_work * work, fmpq * with, fmpq * without)
{
    fmpq * middle = _fmpq_vec_init(CAUSTIC_FAMILY_PARAMETERS);
    int shock = 0;

    for (slong i = 0; i < BISECTIONS && claim->verdict == CAUSTIC_UNDECIDED && shock >= 0; i++)
    {
        for (slong k = 0; k < work->variables - 1; k++)
        {
            fmpq_add(middle + k, with + k, without + k);
            fmpq_div_2exp(middle + k, middle + k, 1);
        }
        shock = compare_at(claim, work, middle);
        for (slong k = 0; k < work->variables - 1; k++)
            fmpq_set((shock == 1 ? with : without) + k, middle + k);
    }
    _fmpq_vec_clear(middle, CAUSTIC_FAMILY_PARAMETERS);
}

void
values_threshold(claim_struct * claim, const family_work * work)
{
    fmpq * point = _fmpq_vec_init(CAUSTIC_FAMILY_PARAMETERS), * with = _fmpq_vec_init(CAUSTIC_FAMILY_PARAMETERS),
         * without = _fmpq_vec_init(CAUSTIC_FAMILY_PARAMETERS);
    int found[2] = {0, 0};

    for (slong i = 0; i < POINTS && claim->verdict == CAUSTIC_UNDECIDED; i++)
    {
        int shock;

        inner_point(point, work, i);
        shock = compare_at(claim, work, point);
        for (slong k = 0; k < work->variables - 1 && shock >= 0; k++)
            fmpq_set((shock ? with : without) + k, point + k);
        if (shock >= 0)
            found[shock] = 1;
    }
    if (claim->verdict == CAUSTIC_UNDECIDED && found[0] && found[1])
        search_between(claim, work, with, without);
    _fmpq_vec_clear(point, CAUSTIC_FAMILY_PARAMETERS);
    _fmpq_vec_clear(with, CAUSTIC_FAMILY_PARAMETERS);
    _fmpq_vec_clear(without, CAUSTIC_FAMILY_PARAMETERS);
}

/* Monotonicity *******************************************************************************/

/* The first T* is certainly later. */
static int
is_later(const caustic_shock_result_t a, const caustic_shock_result_t b)
{
    return b->shock && (!a->shock || arb_gt(a->time, b->time));
}

/* At two values of the parameter, the others being the same. */
static void
compare_two(claim_struct * claim, const family_work * work, const fmpq * low, const fmpq * high, int direction)
{
    caustic_shock_result_t first, second;

    caustic_shock_result_init(first);
    caustic_shock_result_init(second);
    if (value_at(first, work, low, CAUSTIC_NONE) && value_at(second, work, high, CAUSTIC_NONE)
        && ((direction != -1 && is_later(first, second)) || (direction != 1 && is_later(second, first))))
    {
        refuted_at(claim, work, low);
        print_time(claim->text, first);
        caustic_text_append(claim->text, ", and at ");
        print_values(claim->text, work, high);
        caustic_text_append(claim->text, ": ");
        print_time(claim->text, second);
    }
    caustic_shock_result_clear(first);
    caustic_shock_result_clear(second);
}

void
values_monotone(claim_struct * claim, const family_work * work, slong parameter, int direction)
{
    fmpq * low = _fmpq_vec_init(CAUSTIC_FAMILY_PARAMETERS), * high = _fmpq_vec_init(CAUSTIC_FAMILY_PARAMETERS);

    for (slong i = 0; i < POINTS && claim->verdict == CAUSTIC_UNDECIDED; i++)
    {
        const caustic_interval_struct * range = work->range + parameter;

        inner_point(low, work, i);
        for (slong k = 0; k < work->variables - 1; k++)
            fmpq_set(high + k, low + k);
        /* a quarter of the way to the upper end */
        fmpq_sub(high + parameter, range->upper, low + parameter);
        fmpq_div_2exp(high + parameter, high + parameter, 2);
        fmpq_add(high + parameter, high + parameter, low + parameter);
        compare_two(claim, work, low, high, direction);
    }
    _fmpq_vec_clear(low, CAUSTIC_FAMILY_PARAMETERS);
    _fmpq_vec_clear(high, CAUSTIC_FAMILY_PARAMETERS);
}
