/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    What a case claims about its shock: decided by algebra where that is possible, else to the
    digits asked for. [SHOCK-13]
*/

#include "shock_internal.h"

typedef struct
{
    caustic_verdict verdict;
    int exact;
}
claim_answer;

/* Balls **************************************************************************************/

/* |c - x| <= 10^(1-digits) |x|/2 makes c equal to x to the digits; disjoint balls are different numbers. */
caustic_verdict
compare_balls(const arb_t c, const arb_t x, slong digits, int sharp, slong prec)
{
    arb_t difference, allowed, ten;
    caustic_verdict verdict = CAUSTIC_UNDECIDED;

    if (!arb_is_finite(c) || !arb_is_finite(x))
        return CAUSTIC_UNDECIDED;
    arb_init(difference);
    arb_init(allowed);
    arb_init(ten);
    arb_sub(difference, c, x, prec);
    arb_abs(difference, difference);
    arb_set_ui(ten, 10);
    arb_pow_ui(ten, ten, (ulong) (digits - 1), SEARCH_PRECISION);
    if (arb_contains_zero(x))
        arb_one(allowed);
    else
        arb_abs(allowed, x);
    arb_mul_2exp_si(allowed, allowed, -1);
    arb_div(allowed, allowed, ten, SEARCH_PRECISION);
    if (sharp && arb_le(difference, allowed))
        verdict = CAUSTIC_PROVED;
    else if (!arb_overlaps(c, x))
        verdict = CAUSTIC_REFUTED;
    arb_clear(difference);
    arb_clear(allowed);
    arb_clear(ten);
    return verdict;
}

/* The time ************************************************************************************/

/* claim h(place) + 1 = 0 */
static truth_t
time_is_exactly(work_struct * work, place_struct * place, caustic_expr claim)
{
    caustic_pool * pool = work->problem->pool;
    caustic_expr at = work->problem->claimed_at;

    if (place->kind == PLACE_INTERIOR && !place->algebraic && !place_is_exact(place))
    {
        if (at == CAUSTIC_NONE || caustic_expr_depends(pool, at, work->problem->z)
            || !exact_settle_point(work, place, at, work->precision))
            exact_identify(work, place, work->precision);
    }
    else if (!place->settled)
        exact_identify(work, place, work->precision);
    if (place->point_value != CAUSTIC_NONE && !place->has_zone)
        return exact_is_zero(work, caustic_add(pool, caustic_mul(pool, claim, place->point_value), caustic_integer(pool, 1)));
    if (place->algebraic)
        return algebraic_claim(work, place, claim, work->precision);
    return T_UNKNOWN;
}

/* T_TRUE, T_FALSE where all places that may be minimal agree. */
static truth_t
time_by_algebra(work_struct * work, caustic_expr claim)
{
    truth_t all = T_UNKNOWN, one;
    slong i;

    if (work->heap_length > 0)
        return T_UNKNOWN;
    for (i = 0; i < work->places_length; i++)
    {
        one = time_is_exactly(work, work->places + i, claim);
        if (one == T_UNKNOWN || (i > 0 && one != all))
            return T_UNKNOWN;
        all = one;
        if (work->ties_proved)
            break;
    }
    return all;
}

/* From floor <= inf h <= ceiling alone: claim |floor| < 1 or claim |ceiling| > 1 is impossible. */
static int
time_is_out_of_bounds(const work_struct * work, const arb_t claim, slong prec)
{
    arb_t product;
    int out = arb_is_negative(claim);

    arb_init(product);
    if (arf_is_finite(work->floor))
    {
        arb_mul_arf(product, claim, work->floor, prec);
        arb_add_ui(product, product, 1, prec);
        out = out || arb_is_positive(product);
    }
    if (arf_is_finite(work->ceiling))
    {
        arb_mul_arf(product, claim, work->ceiling, prec);
        arb_add_ui(product, product, 1, prec);
        out = out || (arf_sgn(work->ceiling) < 0 && arb_is_negative(product));
    }
    arb_clear(product);
    return out;
}

static claim_answer
decide_time(const caustic_shock_result_t result, work_struct * work, caustic_text_t detail)
{
    caustic_expr claim = work->problem->claimed_time;
    claim_answer answer = { CAUSTIC_UNDECIDED, 0 };
    slong prec = FLINT_MAX(work->precision, work->goal) + SEARCH_PRECISION;
    truth_t exact = T_UNKNOWN;
    int proved = result->verdict == CAUSTIC_PROVED;
    arb_t c;

    arb_init(c);
    arb_indeterminate(c);
    if (caustic_expr_depends(work->problem->pool, claim, work->problem->z) || !exact_evaluate(c, work, claim, prec))
        caustic_text_append(detail, "the claimed time is not a number that can be evaluated");
    else if (proved && !result->shock)
    {
        answer.verdict = CAUSTIC_REFUTED;
        answer.exact = 1;
        caustic_text_append(detail, "there is no focal time");
    }
    else if (proved && arb_is_zero(result->time))
        exact = exact_is_zero(work, claim);
    else if (proved)
        exact = time_by_algebra(work, claim);

    if (exact != T_UNKNOWN)
    {
        answer.verdict = exact == T_TRUE ? CAUSTIC_PROVED : CAUSTIC_REFUTED;
        answer.exact = 1;
        caustic_text_append(detail, exact == T_TRUE ? "equal to T*, by algebra" : "different from T*, by algebra");
    }
    else if (arb_is_finite(c) && answer.verdict == CAUSTIC_UNDECIDED)
    {
        if (work->field_open && !proved && time_is_out_of_bounds(work, c, prec))
            answer.verdict = CAUSTIC_REFUTED;
        else
            answer.verdict = compare_balls(c, result->time, work->problem->digits, proved, prec);
        if (answer.verdict == CAUSTIC_PROVED)
            caustic_text_printf(detail, "equal to T* to %ld digits", (long) work->problem->digits);
        else if (answer.verdict == CAUSTIC_REFUTED)
            caustic_text_append(detail, "outside the enclosure of T*");
        else
            caustic_text_append(detail, "not told apart from T*");
    }
    arb_clear(c);
    return answer;
}

/* The place **********************************************************************************/

/* The place where the minimum is taken is exactly `claim`. */
static truth_t
place_is_exactly(work_struct * work, place_struct * place, caustic_expr claim, const arb_t c)
{
    caustic_pool * pool = work->problem->pool;

    if (!arb_overlaps(place->location, c))
        return T_FALSE;
    if (place->algebraic)
        return algebraic_point(work, place, claim);
    if (!place_is_exact(place))
        exact_identify(work, place, work->precision);
    if (place_is_exact(place))
        return exact_is_zero(work, caustic_sub(pool, place->point, claim));
    if (exact_settle_point(work, place, claim, work->precision))
        return T_TRUE;
    /* inside the zone the minimiser is the zero of h' */
    if (place->kind == PLACE_INTERIOR && arb_contains(place->zone, c)
        && exact_is_zero(work, exact_at(work, work->slope, claim)) == T_FALSE)
        return T_FALSE;
    return T_UNKNOWN;
}

/* h(claim) > inf h: no minimiser. */
static int
value_is_too_large(work_struct * work, const arb_t c, slong prec)
{
    arb_t h;
    int larger;

    if (!arf_is_finite(work->ceiling) || arf_sgn(work->ceiling) >= 0)
        return 0;
    arb_init(h);
    curvature_series(h, work, c, 0, prec);
    arb_sub_arf(h, h, work->ceiling, prec);
    larger = arb_is_finite(h) && arb_is_positive(h);
    arb_clear(h);
    return larger;
}

static caustic_verdict
decide_place_by_list(const caustic_shock_result_t result, work_struct * work, caustic_expr claim, const arb_t c, slong prec,
    caustic_text_t detail)
{
    caustic_verdict verdict = CAUSTIC_UNDECIDED;
    truth_t exact;
    slong i, excluded = 0;

    for (i = 0; i < work->places_length && verdict == CAUSTIC_UNDECIDED; i++)
    {
        place_struct * place = work->places + i;

        exact = place_is_attained(place) ? place_is_exactly(work, place, claim, c)
            : place_may_be_attained(place) && arb_overlaps(place->location, c) ? T_UNKNOWN : T_FALSE;
        if (exact == T_TRUE && (work->places_length == 1 || work->ties_proved))
        {
            verdict = CAUSTIC_PROVED;
            caustic_text_append(detail, "the minimiser, by algebra");
        }
        /* a place without a formula can only be met to the digits */
        else if (exact != T_TRUE && (result->minimisers == 1 || (work->period != CAUSTIC_NONE && work->places_length == 1))
            && place_is_attained(place)
            && !place_is_exact(place) && !place->algebraic
            && compare_balls(c, place->location, work->problem->digits, 1, prec) == CAUSTIC_PROVED)
        {
            verdict = CAUSTIC_PROVED;
            caustic_text_printf(detail, "the minimiser to %ld digits", (long) work->problem->digits);
        }
        else if (exact == T_FALSE)
            excluded++;
    }
    if (verdict == CAUSTIC_UNDECIDED && excluded == work->places_length)
    {
        verdict = CAUSTIC_REFUTED;
        caustic_text_append(detail, "not a minimiser");
    }
    return verdict;
}

static caustic_verdict
decide_place(const caustic_shock_result_t result, work_struct * work, caustic_text_t detail)
{
    caustic_expr claim = work->problem->claimed_at;
    caustic_verdict verdict = CAUSTIC_UNDECIDED;
    slong prec = FLINT_MAX(work->precision, work->goal) + SEARCH_PRECISION;
    int proved = result->verdict == CAUSTIC_PROVED;
    arb_t c;

    arb_init(c);
    if (caustic_expr_depends(work->problem->pool, claim, work->problem->z) || !exact_evaluate(c, work, claim, prec))
        caustic_text_append(detail, "the claimed place is not a number that can be evaluated");
    else if (proved && (!result->shock || (work->heap_length == 0 && !result->attained && !work->places_length)))
    {
        verdict = CAUSTIC_REFUTED;
        caustic_text_append(detail, "there is no minimiser");
    }
    else if (work->field_open && region_contains_expr(&work->region, work->problem->pool, claim, c) == -1)
    {
        verdict = CAUSTIC_REFUTED;
        caustic_text_append(detail, "outside the box");
    }
    else if (proved && result->minimisers == -1 && work->period == CAUSTIC_NONE)
    {
        verdict = region_contains_expr(&work->region, work->problem->pool, claim, c) == 1 ? CAUSTIC_PROVED : CAUSTIC_UNDECIDED;
        caustic_text_append(detail, "every point of the box is a minimiser");
    }
    else if (work->field_open && value_is_too_large(work, c, prec))
    {
        verdict = CAUSTIC_REFUTED;
        caustic_text_append(detail, "h is larger there than its infimum");
    }
    else if (proved && work->heap_length == 0 && work->period != CAUSTIC_NONE)
    {
        claim = period_reduce(work, claim);
        if (claim != CAUSTIC_NONE && exact_evaluate(c, work, claim, prec))
            verdict = decide_place_by_list(result, work, claim, c, prec, detail);
    }
    else if (proved && work->heap_length == 0)
        verdict = decide_place_by_list(result, work, claim, c, prec, detail);
    if (verdict == CAUSTIC_UNDECIDED && detail->length == 0)
        caustic_text_append(detail, "not decided whether it is a minimiser");
    arb_clear(c);
    return verdict;
}

/* All ****************************************************************************************/

void
claims_decide(caustic_shock_result_t result, work_struct * work)
{
    const caustic_shock_problem * problem = work->problem;
    caustic_text_t detail, more;
    claim_answer time;

    caustic_text_init(detail);
    caustic_text_init(more);
    if (problem->claimed_time != CAUSTIC_NONE)
    {
        time = decide_time(result, work, detail);
        result->claim_time = time.verdict;
        result->claim_exact = time.exact;
    }
    if (problem->claimed_none)
    {
        caustic_verdict none = result->verdict != CAUSTIC_PROVED ? CAUSTIC_UNDECIDED
            : result->shock ? CAUSTIC_REFUTED : CAUSTIC_PROVED;

        /* an upper bound of T* is enough to refute */
        if (none == CAUSTIC_UNDECIDED && work->field_open && arf_sgn(work->ceiling) < 0)
            none = CAUSTIC_REFUTED;
        result->claim_exact = problem->claimed_time == CAUSTIC_NONE ? 1 : result->claim_exact;
        result->claim_time = problem->claimed_time == CAUSTIC_NONE ? none
            : caustic_verdict_and(result->claim_time, none);
        caustic_text_printf(detail, "%sthe claim that there is no shock is %s", detail->length > 0 ? "; " : "",
            caustic_verdict_name(none));
    }
    if (problem->claimed_at != CAUSTIC_NONE)
    {
        result->claim_at = decide_place(result, work, more);
        caustic_text_printf(detail, "%splace: %s", detail->length > 0 ? "; " : "", more->data);
    }
    flint_free(result->claim_detail);
    result->claim_detail = caustic_text_take(detail);
    caustic_text_clear(detail);
    caustic_text_clear(more);
}
