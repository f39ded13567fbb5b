/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    T* = -1/inf h on the region [SHOCK-1]: which route decides it, and what is said about it.
*/

#include "shock_internal.h"

/* Answers ************************************************************************************/

static void
answer_undecided(caustic_shock_result_t result)
{
    result->verdict = CAUSTIC_UNDECIDED;
    result->shock = 0;
    result->attained = 0;
    result->minimisers = 0;
    arb_indeterminate(result->at);
}

static void
answer_no_shock(caustic_shock_result_t result, work_struct * work, const char * how)
{
    answer_undecided(result);
    result->verdict = CAUSTIC_PROVED;
    arb_indeterminate(result->time);
    arf_zero(work->floor);
    arf_zero(work->ceiling);
    caustic_text_printf(work->detail, "no focal time: h >= 0 on the whole box, %s", how);
}

static truth_t
same_value(work_struct * work, const place_struct * a, const place_struct * b)
{
    caustic_pool * pool = work->problem->pool;

    if (a->point_value != CAUSTIC_NONE && b->point_value != CAUSTIC_NONE && !a->has_zone && !b->has_zone)
        return exact_is_zero(work, caustic_sub(pool, a->point_value, b->point_value));
    if (work->is_rational && (a->algebraic || b->algebraic))
        return algebraic_same_value(work, a, b);
    return T_UNKNOWN;
}

static int
prove_ties(work_struct * work)
{
    slong i;

    for (i = 0; i < work->places_length; i++)
        exact_identify(work, work->places + i, work->precision);
    for (i = 1; i < work->places_length; i++)
        if (same_value(work, work->places, work->places + i) != T_TRUE)
            return 0;
    return 1;
}

int
place_is_attained(const place_struct * place)
{
    return place->kind != PLACE_LIMIT && place->included;
}

/* The end is not in the region, but the minimum over its zone may be taken inside. */
int
place_may_be_attained(const place_struct * place)
{
    return place->kind == PLACE_END && !place->included && place->has_zone;
}

/* A place where the minimum is taken, or one that no enclosure tells apart: that with the least upper bound of h, which is T*'s
   too, so that the focal time there is in the enclosure of T*. */
static void
set_witness(arb_t at, const work_struct * work)
{
    arf_t bound, least;
    slong i;

    arf_init(bound);
    arf_init(least);
    arf_pos_inf(least);
    for (i = 0; i < work->places_length; i++)
    {
        const place_struct * place = work->places + i;

        arb_get_ubound_arf(bound, place->value, work->precision + SEARCH_PRECISION);
        if (place_is_attained(place) && arf_cmp(bound, least) < 0)
        {
            arf_swap(bound, least);
            arb_set(at, place->location);
        }
    }
    arf_clear(bound);
    arf_clear(least);
}

/* The time and what attains it, from the places and cells that are left. 1: as sharp as asked. */
static int
answer_time(caustic_shock_result_t result, work_struct * work)
{
    arf_t upper;
    arb_t h;
    slong i, j, attained = 0, unknown = 0, distinct = 1;
    int sharp;

    arf_init(upper);
    arb_init(h);
    answer_undecided(result);
    search_bracket(work->floor, upper, work);
    arb_set_interval_arf(h, work->floor, upper, work->precision + SEARCH_PRECISION);
    arb_inv(result->time, h, work->precision + SEARCH_PRECISION);
    arb_neg(result->time, result->time);
    sharp = time_is_sharp(result->time, work->problem->digits);

    for (i = 0; i < work->places_length; i++)
    {
        attained += place_is_attained(work->places + i);
        unknown += place_may_be_attained(work->places + i);
        if (work->places[i].cut)
            sharp = 0;
        for (j = 0; j < i; j++)
            if (work->places[i].kind != PLACE_LIMIT && work->places[j].kind != PLACE_LIMIT
                && arb_overlaps(work->places[i].location, work->places[j].location))
                distinct = 0;
    }
    if (sharp)
    {
        result->verdict = CAUSTIC_PROVED;
        result->shock = 1;
        /* cells that are left lie in the closed interval: if that is in the region, the infimum is a minimum */
        if (work->heap_length > 0)
            result->attained = work->core_closed ? 1 : -1;
        else if (attained > 0 && (attained == work->places_length || work->ties_proved))
            result->attained = 1;
        else
            result->attained = attained + unknown > 0 ? -1 : 0;
        if (work->heap_length == 0 && distinct && unknown == 0 && result->attained == 1)
            result->minimisers = attained;
        if (work->heap_length == 0 && result->attained == 1)
            set_witness(result->at, work);
    }
    arf_clear(upper);
    arb_clear(h);
    return sharp;
}

/* T* from floor <= inf h <= ceiling < 0. */
static void
set_bracket(caustic_shock_result_t result, work_struct * work)
{
    arb_t lower, upper;
    slong prec = work->precision + SEARCH_PRECISION;

    arb_indeterminate(result->time);
    if (arf_is_finite(work->floor) && arf_sgn(work->ceiling) < 0)
    {
        arb_init(lower);
        arb_init(upper);
        arb_set_arf(lower, work->floor);
        arb_inv(lower, lower, prec);
        arb_set_arf(upper, work->ceiling);
        arb_inv(upper, upper, prec);
        arb_union(result->time, lower, upper, prec);
        arb_neg(result->time, result->time);
        arb_clear(lower);
        arb_clear(upper);
    }
}

static void
detail_places(work_struct * work, const caustic_shock_result_t result)
{
    const place_struct * place = work->places;
    const char * z = caustic_expr_name(work->problem->pool, work->problem->z);

    if (work->heap_length > 0)
        caustic_text_printf(work->detail, "inf h enclosed by bisection in %ld cells; the minimum is degenerate and its place is not isolated", (long) work->heap_length);
    else if (work->places_length > 1)
    {
        caustic_text_printf(work->detail, "%ld places where h is minimal", (long) work->places_length);
        if (work->ties_proved)
            caustic_text_append(work->detail, ", their values proved equal");
        else
            caustic_text_printf(work->detail, "; their values agree to %ld bits (equality is not proved)", (long) work->precision);
        if (result->attained == 0)
            caustic_text_append(work->detail, "; all are open ends: not attained");
        else if (result->attained < 0)
            caustic_text_append(work->detail, "; one of them is an open end: whether the infimum is attained is not determined");
    }
    else if (place_may_be_attained(place))
        caustic_text_printf(work->detail, "h is minimal at the open %s end or beside it: whether the infimum is attained is not determined",
            place->side < 0 ? "lower" : "upper");
    else if (place->kind == PLACE_LIMIT || !place->included)
        caustic_text_printf(work->detail, "inf h is the limit at the %s end and not attained", place->side < 0 ? "lower" : "upper");
    else if (place->kind == PLACE_END)
        caustic_text_printf(work->detail, "h is minimal at the %s end of the box", place->side < 0 ? "lower" : "upper");
    else if (work->is_rational && work->cells == 0)
        caustic_text_append(work->detail, "h is rational; the real zeros of h' are isolated and one is the minimiser");
    else
        caustic_text_append(work->detail, "one zero of h' with h'' > 0, proved by an interval Newton step; h is larger elsewhere");
    if (work->heap_length == 0 && work->places_length == 1 && place_is_exact(place))
    {
        caustic_text_printf(work->detail, "; exactly at %s = ", z);
        caustic_expr_print(work->detail, work->problem->pool, place->point);
    }
}

/* What an answer lacked. */
typedef enum
{
    LACKS_BITS,
    LACKS_CELLS,
    LACKS_SIGN,
    LACKS_TAIL
}
lack;

static void
print_focal_time(caustic_text_t out, const arf_t h, slong digits, void (* print)(caustic_text_t, const arb_t, slong))
{
    arb_t time;

    arb_init(time);
    arb_set_arf(time, h);
    arb_inv(time, time, 4 * digits + SEARCH_PRECISION);
    arb_neg(time, time);
    print(out, time, digits);
    arb_clear(time);
}

/* The digits on which floor and ceiling agree; 0 where there are no two bounds. */
static slong
known_digits(const work_struct * work)
{
    arb_t h;
    slong digits = 0;

    if (!arf_is_finite(work->floor) || arf_sgn(work->ceiling) >= 0)
        return 0;
    arb_init(h);
    arb_set_interval_arf(h, work->floor, work->ceiling, work->precision + SEARCH_PRECISION);
    digits = (slong) (0.30103 * (double) arb_rel_accuracy_bits(h));
    arb_clear(h);
    return FLINT_MIN(FLINT_MAX(digits, 0), work->problem->digits);
}

/* A cell that stayed open, where h is least as far as is known. */
static void
detail_open_cell(work_struct * work)
{
    arb_t x;
    fmpz_t next;

    if (work->heap_length == 0)
        return;
    arb_init(x);
    fmpz_init(next);
    fmpz_add_ui(next, work->heap[0].k, 1);
    cell_ball(x, work, work->heap[0].k, next, work->heap[0].level, SEARCH_PRECISION);
    caustic_text_printf(work->detail, "; open near %s = ", caustic_expr_name(work->problem->pool, work->problem->z));
    caustic_print_lower(work->detail, x, 10);
    arb_clear(x);
    fmpz_clear(next);
}

static void
detail_shortfall(work_struct * work, lack lacks)
{
    const caustic_shock_problem * problem = work->problem;

    switch (lacks)
    {
        case LACKS_BITS:
            caustic_text_printf(work->detail, "%ld digits were not reached within the precision limit of %ld bits (%ld were); a higher limit"
                " may do", (long) problem->digits, (long) problem->precision_limit, (long) known_digits(work));
            break;
        case LACKS_CELLS:
            caustic_text_printf(work->detail, "the search stopped after %ld cells (the limit is %ld) with %ld of them and %ld places still"
                " open; a smaller box may do", (long) work->cells, (long) problem->box_limit, (long) work->heap_length,
                (long) work->places_length);
            break;
        case LACKS_SIGN:
            caustic_text_printf(work->detail, "h comes so close to 0 that %ld bits do not decide its sign", (long) work->precision);
            break;
        case LACKS_TAIL:
            caustic_text_append(work->detail, "the rules for open and infinite ends of the box do not exclude that h is smaller near one;"
                " a finite box that keeps away from it needs no rule");
            break;
    }
    if (lacks == LACKS_CELLS || lacks == LACKS_SIGN)
        detail_open_cell(work);
}

static void
detail_bracket(work_struct * work)
{
    slong digits = FLINT_MAX(10, known_digits(work) + 3);
    int shock = arf_sgn(work->ceiling) < 0, bounded = arf_is_finite(work->floor) && arf_sgn(work->floor) < 0;

    caustic_text_append(work->detail, "; proved so far: ");
    if (bounded)
    {
        caustic_text_append(work->detail, "T* >= ");
        print_focal_time(work->detail, work->floor, digits, caustic_print_lower);
    }
    if (shock)
    {
        caustic_text_append(work->detail, bounded ? ", T* <= " : "T* <= ");
        print_focal_time(work->detail, work->ceiling, digits, caustic_print_upper);
    }
    else
        caustic_text_append(work->detail, bounded ? ", and no h < 0 was found" : "nothing, and no h < 0 was found");
}

/* Constant h *********************************************************************************/

static int
is_constant(work_struct * work)
{
    gr_ptr slope;
    int constant;

    if (!work->has_exact)
        return 0;
    if (work->is_rational)
        return fmpz_poly_degree(work->numerator) <= 0 && fmpz_poly_degree(work->denominator) == 0;
    slope = gr_heap_init(work->field);
    constant = caustic_field_derivative(slope, work->exact, 0, work->field) == GR_SUCCESS
        && caustic_field_is_zero(slope, NULL, work->field) == T_TRUE;
    gr_heap_clear(slope, work->field);
    return constant;
}

/* 0: the sign of the constant stayed open. [SHOCK-11] */
static int
solve_constant(caustic_shock_result_t result, work_struct * work)
{
    place_struct * place;
    caustic_expr value;
    fmpq_t x;
    arb_t h;
    slong prec;
    int done = 0;

    fmpq_init(x);
    arb_init(h);
    region_inner_point(x, &work->region);
    value = exact_at(work, work->curvature, caustic_number(work->problem->pool, x));
    if (exact_is_zero(work, value) == T_TRUE)
    {
        answer_no_shock(result, work, "where it vanishes identically");
        done = 1;
    }
    for (prec = work->goal + SEARCH_PRECISION; !done && value != CAUSTIC_NONE
        && prec <= work->problem->precision_limit; prec *= 2)
    {
        work->precision = prec;
        if (!exact_evaluate(h, work, value, prec))
            continue;
        if (arb_is_nonnegative(h))
        {
            answer_no_shock(result, work, "where it is a constant");
            done = 1;
        }
        else if (arb_is_negative(h))
        {
            work_clear_search(work);
            place = work_add_place(work, PLACE_END);
            place->settled = 1;
            place->included = 1;
            place->point_value = value;
            arb_set(place->value, h);
            arb_get_ubound_arf(work->ceiling, h, prec);
            done = answer_time(result, work);
            if (done)
            {
                result->minimisers = -1;
                result->attained = 1;
                arb_set_fmpq(result->at, x, 2 * prec);
                caustic_text_append(work->detail, "h is a negative constant: every point is a minimiser");
            }
        }
    }
    fmpq_clear(x);
    arb_clear(h);
    return done;
}

/* Rational h *********************************************************************************/

static void
answer_unbounded(caustic_shock_result_t result, work_struct * work)
{
    answer_undecided(result);
    result->verdict = CAUSTIC_PROVED;
    result->shock = 1;
    arb_zero(result->time);
    work_clear_search(work);
    arf_neg_inf(work->floor);
    arf_neg_inf(work->ceiling);
    caustic_text_append(work->detail, "h is unbounded below at an end of the box: T* = 0, not attained");
}

/* 0: left to the general search. [SHOCK-10] */
static int
solve_rational(caustic_shock_result_t result, work_struct * work)
{
    rational_status status;
    slong prec = work->goal + SEARCH_PRECISION, ties = 4 * prec;

    rational_prepare(work);
    for (;; prec *= 2)
    {
        if (prec > work->problem->precision_limit)
        {
            if (result->verdict == CAUSTIC_UNDECIDED)
                return 0;
            break; /* only ties were left open */
        }
        work->precision = prec;
        status = rational_places(work, prec);
        if (status == RATIONAL_TOO_LARGE)
            return 0;
        if (status == RATIONAL_UNBOUNDED)
        {
            answer_unbounded(result, work);
            return 1;
        }
        if (status == RATIONAL_PRECISION)
            continue;
        search_refine(work, prec);
        if (work->places_length == 0)
        {
            answer_no_shock(result, work, "decided exactly: at the real zeros of h' and at the ends");
            return 1;
        }
        work->ties_proved = work->places_length > 1 && prove_ties(work);
        if (answer_time(result, work)
            && (work->places_length == 1 || work->ties_proved || prec >= ties))
            break;
    }
    detail_places(work, result);
    return 1;
}

/* General h **********************************************************************************/

/* A minimum that may be zero: exactly zero is no h < 0. */
static void
drop_zero_minima(work_struct * work)
{
    slong i;

    for (i = work->places_length - 1; i >= 0; i--)
    {
        place_struct * place = work->places + i;
        if (arb_contains_zero(place->value) && exact_identify(work, place, work->precision)
            && exact_is_zero(work, place->point_value) == T_TRUE)
            work_remove_place(work, i);
    }
}

static int
is_nonnegative_by_form(work_struct * work)
{
    caustic_sign sign;

    if (!work->has_exact)
        return 0;
    sign = caustic_field_sign(work->exact, work->field);
    return sign == CAUSTIC_SIGN_POSITIVE || sign == CAUSTIC_SIGN_NONNEGATIVE || sign == CAUSTIC_SIGN_ZERO;
}

/* An end that is only a cut may be the minimiser: more bits will not change that. */
static int
is_least_at_a_cut(const work_struct * work)
{
    for (slong i = 0; i < work->places_length; i++)
        if (work->places[i].cut)
            return 1;
    return 0;
}

/* The infimum over the core. 1: decided (also when h >= 0 there: then no place and no cell is left). */
static int
solve_core(caustic_shock_result_t result, work_struct * work, lack * lacks)
{
    search_status status;
    slong target = work->goal + SEARCH_PRECISION, prec = SEARCH_PRECISION, order = 2, tolerance = 30;
    slong most = FLINT_MAX(work->problem->precision_limit, SEARCH_PRECISION);
    int tried_sign = 0;

    *lacks = LACKS_BITS;
    for (;;)
    {
        work->precision = prec;
        status = search_run(work, tolerance, order, prec);
        if (status == SEARCH_LIMIT)
        {
            *lacks = LACKS_CELLS;
            work->precision = FLINT_MIN(target, most);
            search_refine(work, work->precision);
            if (arf_sgn(work->ceiling) < 0 && answer_time(result, work))
                return 1;
            search_bracket(work->floor, work->ceiling, work);
            return 0;
        }
        if (work->heap_length > 0)
            search_settle_degenerate(work, 2 * prec);
        if (work->heap_length == 0 || prec >= target)
        {
            work->precision = prec = FLINT_MAX(prec, FLINT_MIN(target, most));
            search_refine(work, prec);
            if (work->heap_length > 0)
                status = search_run(work, tolerance, order, prec);
        }
        if (work->heap_length == 0 && arf_sgn(work->ceiling) == 0 && work->places_length > 0)
            drop_zero_minima(work);
        if (work->heap_length == 0 && work->places_length == 0)
            return arf_sgn(work->ceiling) == 0;
        if (arf_sgn(work->ceiling) == 0 && !tried_sign)
        {
            tried_sign = 1;
            if (is_nonnegative_by_form(work))
            {
                work_clear_search(work);
                return 1;
            }
        }
        if (arf_sgn(work->ceiling) < 0 && prec >= FLINT_MIN(target, most))
        {
            work->ties_proved = work->heap_length == 0 && work->places_length > 1 && prove_ties(work);
            if (work->ties_proved)
                search_refine(work, prec);
            if (answer_time(result, work) && (work->heap_length > 0 || work->places_length == 1
                || work->ties_proved || prec >= 4 * target || 2 * prec > most))
                return 1;
        }
        if (arf_sgn(work->ceiling) == 0 && prec >= 4 * target)
            *lacks = LACKS_SIGN;
        if (prec >= most || (arf_sgn(work->ceiling) == 0 && prec >= 4 * target)
            || (prec >= target && work->heap_length == 0 && is_least_at_a_cut(work)))
        {
            search_bracket(work->floor, work->ceiling, work);
            return 0;
        }
        prec = FLINT_MIN(most, work->heap_length > 0 ? FLINT_MAX(2 * prec, target) : 2 * prec);
        if (work->heap_length > 0)
        {
            order = 6;
            /* a sign is not a matter of digits */
            tolerance = arf_sgn(work->ceiling) < 0 ? work->goal : FLINT_MAX(work->goal, prec / 2);
        }
    }
}

static int
is_open_end(const work_struct * work, int side, int ends_regular)
{
    const region_struct * region = &work->region;
    int infinite = side < 0 ? region->lower_infinite : region->upper_infinite;
    int included = side < 0 ? region->lower_included : region->upper_included;

    return infinite || (!included && !ends_regular);
}

/* Cuts the open ends off: at distance 2^far from the other end or from 0, or near the finite end. */
static void
set_core(work_struct * work, int lower_open, int upper_open, slong far)
{
    const region_struct * region = &work->region;
    fmpq_t reach, part;

    fmpq_init(reach);
    fmpq_init(part);
    fmpq_one(reach);
    fmpq_mul_2exp(reach, reach, far);
    fmpq_set(work->core_lower, region->lower);
    fmpq_set(work->core_upper, region->upper);
    if (region->lower_infinite)
    {
        if (region->upper_infinite || fmpq_sgn(region->upper) > 0)
            fmpq_neg(work->core_lower, reach);
        else
            fmpq_sub(work->core_lower, region->upper, reach);
    }
    if (region->upper_infinite)
    {
        if (region->lower_infinite || fmpq_sgn(region->lower) < 0)
            fmpq_set(work->core_upper, reach);
        else
            fmpq_add(work->core_upper, region->lower, reach);
    }
    fmpq_sub(part, work->core_upper, work->core_lower);
    fmpq_one(reach);
    if (fmpq_cmp(part, reach) > 0)
        fmpq_one(part);
    fmpq_div_2exp(part, part, far);
    if (lower_open && !region->lower_infinite)
        fmpq_add(work->core_lower, work->core_lower, part);
    if (upper_open && !region->upper_infinite)
        fmpq_sub(work->core_upper, work->core_upper, part);
    fmpq_clear(reach);
    fmpq_clear(part);
}

/* h >= bound between the cut and the open end. [SHOCK-12] */
static int
tail_is_above(work_struct * work, const fmpq_t bound, int side)
{
    region_struct tail;
    int above;

    region_init(&tail);
    if (side < 0)
    {
        fmpq_set(tail.lower, work->region.lower);
        tail.lower_infinite = work->region.lower_infinite;
        fmpq_set(tail.upper, work->core_lower);
    }
    else
    {
        fmpq_set(tail.lower, work->core_upper);
        fmpq_set(tail.upper, work->region.upper);
        tail.upper_infinite = work->region.upper_infinite;
    }
    above = exact_is_above(work, work->curvature, bound, &tail);
    region_clear(&tail);
    return above;
}

/* Numbers of the size of exp(10^12) do not fit a fraction. */
#define BOUND_EXPONENT 4096

/* A fraction B with inf h < B <= 0 where h < 0 is known, else 0. [SHOCK-12] */
static void
tail_bound(fmpq_t bound, const work_struct * work)
{
    fmpq_zero(bound);
    if (arf_sgn(work->ceiling) >= 0 || arf_cmpabs_2exp_si(work->ceiling, -BOUND_EXPONENT) < 0)
        return;
    if (arf_cmpabs_2exp_si(work->ceiling, BOUND_EXPONENT) > 0)
    {
        /* inf h <= ceiling < -2^BOUND_EXPONENT */
        fmpq_set_si(bound, -1, 1);
        fmpq_mul_2exp(bound, bound, BOUND_EXPONENT);
    }
    else
    {
        arf_get_fmpq(bound, work->ceiling);
        fmpq_div_2exp(bound, bound, 1);
    }
}

/* h > inf h (or h >= 0, where no h < 0 is known) beyond the cut: above the least value known so far, or above B. */
static int
tail_is_high(work_struct * work, const tail_struct * tail, int side)
{
    fmpq_t bound;
    int high = 0;

    fmpq_init(bound);
    if (arf_sgn(work->ceiling) == 0 || (arf_cmpabs_2exp_si(work->ceiling, -BOUND_EXPONENT) > 0
        && arf_cmpabs_2exp_si(work->ceiling, BOUND_EXPONENT) < 0))
    {
        arf_get_fmpq(bound, work->ceiling);
        high = tail_exceeds(tail, bound);
    }
    if (!high)
    {
        tail_bound(bound, work);
        high = tail_is_above(work, bound, side);
    }
    fmpq_clear(bound);
    return high;
}

/* What lies beyond the cuts. */
typedef struct
{
    int open[2]; /* lower, upper: there is a cut */
    tail_struct tail[2];
}
tails_struct;

static int
side_of(slong i)
{
    return i == 0 ? -1 : 1;
}

static int
tails_are_high(work_struct * work, const tails_struct * tails)
{
    int high = 1;

    for (slong i = 0; i < 2 && high; i++)
        high = !tails->open[i] || tail_is_high(work, tails->tail + i, side_of(i));
    return high;
}

static int
tails_are_unbounded_below(const tails_struct * tails)
{
    return (tails->open[0] && tail_is_unbounded_below(tails->tail))
        || (tails->open[1] && tail_is_unbounded_below(tails->tail + 1));
}

/* The infimum as a limit *********************************************************************/

/* The least limit of h at an open end, where h stays above it in every tail. [SHOCK-18] */
static int
least_limit(arb_t least, const tails_struct * tails)
{
    arf_t upper;
    fmpq_t bound;
    int found = 0;

    for (slong i = 0; i < 2; i++)
        if (tails->open[i] && tails->tail[i].has_limit)
        {
            if (found)
                arb_min(least, least, tails->tail[i].limit, tails->tail[i].domain.prec);
            else
                arb_set(least, tails->tail[i].limit);
            found = 1;
        }
    if (!found || !arb_is_negative(least))
        return 0;

    arf_init(upper);
    fmpq_init(bound);
    arb_get_ubound_arf(upper, least, arb_bits(least) + SEARCH_PRECISION);
    found = arf_cmpabs_2exp_si(upper, -BOUND_EXPONENT) > 0 && arf_cmpabs_2exp_si(upper, BOUND_EXPONENT) < 0;
    if (found)
        arf_get_fmpq(bound, upper);
    for (slong i = 0; i < 2 && found; i++)
        found = !tails->open[i] || tail_exceeds_limit(tails->tail + i) || tail_exceeds(tails->tail + i, bound);
    arf_clear(upper);
    fmpq_clear(bound);
    return found;
}

/* Of the cells, for one attempt at a limit. */
#define LIMIT_SHARE 16

/* h > bound on all of the core. */
static int
core_exceeds(work_struct * work, const arf_t bound)
{
    slong most = FLINT_MIN(work->problem->precision_limit, 2 * work->goal + 4 * SEARCH_PRECISION);
    int exceeds = 0, below = 0;

    work->cell_limit = work->cells + work->problem->box_limit / LIMIT_SHARE;
    search_start(work, 0, 0, 1, 1);
    search_set_ceiling(work, bound);
    for (slong prec = SEARCH_PRECISION; !exceeds && !below; prec *= 2)
    {
        work->precision = FLINT_MIN(prec, FLINT_MAX(most, SEARCH_PRECISION));
        search_run(work, 4 * work->goal, 6, work->precision);
        search_refine(work, work->precision);
        exceeds = work->heap_length == 0 && work->places_length == 0 && arf_equal(work->ceiling, bound);
        below = arf_cmp(work->ceiling, bound) < 0 || prec >= most || work->cells >= work->cell_limit;
    }
    work->cell_limit = work->problem->box_limit;
    return exceeds;
}

static void
add_limit_place(work_struct * work, const tail_struct * tail, int side, const arb_t least)
{
    place_struct * place;

    if (!tail->has_limit || !arb_overlaps(tail->limit, least))
        return;
    place = work_add_place(work, PLACE_LIMIT);
    place->side = side;
    place->settled = 1;
    place->point_value = tail->limit_number;
    arb_set(place->value, tail->limit);
}

/* inf h is a limit at an open end, and h is larger everywhere: not attained. [SHOCK-18] */
static int
solve_limit(caustic_shock_result_t result, work_struct * work, const tails_struct * tails)
{
    arb_t least;
    arf_t bound;
    int done = 0;

    arb_init(least);
    arf_init(bound);
    if (least_limit(least, tails))
    {
        arb_get_ubound_arf(bound, least, arb_bits(least) + SEARCH_PRECISION);
        if (core_exceeds(work, bound))
        {
            work_clear_search(work);
            for (slong i = 0; i < 2; i++)
                if (tails->open[i])
                    add_limit_place(work, tails->tail + i, side_of(i), least);
            work->precision = work->goal + 2 * SEARCH_PRECISION;
            work->ties_proved = work->places_length > 1 && prove_ties(work);
            done = answer_time(result, work);
            if (done)
                detail_places(work, result);
        }
    }
    arb_clear(least);
    arf_clear(bound);
    return done;
}

/* Periodic h *********************************************************************************/

/* Whether h repeats on a long region: then its infimum is the one over a period, and taken again and
   again. [SHOCK-17] */
static int
solve_periodic(caustic_shock_result_t result, work_struct * work, lack * lacks)
{
    caustic_expr form = CAUSTIC_NONE;
    fmpq_t length;
    int decided = 0;

    fmpq_init(length);
    if (work->has_exact)
        form = caustic_field_get_expr(work->exact, work->field);
    if ((period_find(&work->period, length, work, &work->curvature, 1)
        || period_find(&work->period, length, work, &form, 1)) && period_is_worthwhile(work, length))
    {
        period_set_core(work, length);
        search_start(work, 0, 0, 1, 1);
        decided = solve_core(result, work, lacks);
    }
    else
        work->period = CAUSTIC_NONE;
    fmpq_clear(length);
    return decided;
}

static void
detail_period(work_struct * work, const caustic_shock_result_t result)
{
    caustic_text_append(work->detail, "h repeats with the period ");
    caustic_expr_print(work->detail, work->problem->pool, work->period);
    caustic_text_append(work->detail, "; on one period: ");
    detail_places(work, result);
}

/* General h **********************************************************************************/

/* What is known beyond the cuts belongs to the bracket that is printed. */
static void
lower_floor(work_struct * work, const tails_struct * tails)
{
    arf_t bound;

    arf_init(bound);
    for (slong i = 0; i < 2; i++)
        if (tails->open[i])
        {
            tail_lower_bound(bound, tails->tail + i);
            arf_min(work->floor, work->floor, bound);
        }
    arf_clear(bound);
}

static int
solve_with_tails(caustic_shock_result_t result, work_struct * work, tails_struct * tails, lack * lacks)
{
    static const slong reaches[] = { 3, 0, 1, 2, 4, 5, 6, 7, 8, 10, 12, 16, 20 };
    const region_struct * region = &work->region;
    slong attempt, attempts = tails->open[0] || tails->open[1] ? 13 : 1;
    arf_t least;
    int decided = 0, high = 1;

    arf_init(least);
    for (attempt = 0; attempt < attempts && !decided && (attempt == 0 || !high); attempt++)
    {
        set_core(work, tails->open[0], tails->open[1], reaches[attempt]);
        for (slong i = 0; i < 2; i++)
            if (tails->open[i])
                tail_set(tails->tail + i, work, side_of(i), work->goal + 2 * SEARCH_PRECISION);
        if (tails_are_unbounded_below(tails))
        {
            answer_unbounded(result, work);
            decided = high = 1;
        }
        else
            decided = solve_limit(result, work, tails);
        /* what is known of inf h from a smaller core bounds it on the region: a wider core is only worth
           searching when what it leaves out is settled */
        search_set_ceiling(work, least);
        if (decided || (attempt > 0 && !tails_are_high(work, tails)))
            continue;
        search_start(work, tails->open[0], tails->open[1], region->lower_included, region->upper_included);
        decided = solve_core(result, work, lacks);
        high = tails_are_high(work, tails);
        if (!high)
            lower_floor(work, tails);
        arf_min(least, least, work->ceiling);
        decided = decided && high;
        if (decided && arf_sgn(work->ceiling) == 0)
            answer_no_shock(result, work, "by branch and bound");
        else if (decided)
            detail_places(work, result);
    }
    if (!decided)
        search_set_ceiling(work, least);
    if (!decided && !high)
        *lacks = LACKS_TAIL;
    arf_clear(least);
    return decided;
}

static void
solve_general(caustic_shock_result_t result, work_struct * work, int ends_regular)
{
    lack lacks = LACKS_BITS;
    tails_struct tails;

    tails.open[0] = is_open_end(work, -1, ends_regular);
    tails.open[1] = is_open_end(work, 1, ends_regular);
    if ((tails.open[0] || tails.open[1]) && is_nonnegative_by_form(work))
    {
        answer_no_shock(result, work, "by its form");
        return;
    }
    if (solve_periodic(result, work, &lacks))
    {
        if (arf_sgn(work->ceiling) == 0)
            answer_no_shock(result, work, "by branch and bound on one period");
        else
        {
            detail_period(work, result);
            result->minimisers = -1;
            arb_indeterminate(result->at);
        }
        return;
    }
    tail_init(tails.tail);
    tail_init(tails.tail + 1);
    /* a period says more than tails can */
    if (work->period != CAUSTIC_NONE || !solve_with_tails(result, work, &tails, &lacks))
    {
        answer_undecided(result);
        set_bracket(result, work);
        detail_shortfall(work, lacks);
        detail_bracket(work);
    }
    tail_clear(tails.tail);
    tail_clear(tails.tail + 1);
}

/* All ****************************************************************************************/

static void
solve(caustic_shock_result_t result, work_struct * work)
{
    int ends_regular;

    if (!regularity_prove(&ends_regular, work))
    {
        answer_undecided(result);
        return;
    }
    exact_open(work);
    if (is_constant(work) && solve_constant(result, work))
        return;
    if (work->is_rational && solve_rational(result, work))
        return;
    if (work->has_exact)
        curvature_simplify(work);
    solve_general(result, work, ends_regular);
}

void
caustic_shock_global_1d(caustic_shock_result_t result, const caustic_shock_problem * problem)
{
    work_struct work;

    work_init(&work, problem);
    answer_undecided(result);
    arb_indeterminate(result->time);
    result->claim_time = 0;
    result->claim_at = 0;
    result->claim_exact = 0;

    if (work.tape == NULL)
        caustic_text_append(work.detail, "the cometric and the loss must depend on the coordinate alone");
    else if (problem->digits < 1)
        caustic_text_append(work.detail, "at least one digit must be asked for");
    else if (!region_set(&work.region, problem->box, problem->domain))
        caustic_text_append(work.detail, "the box does not meet the coordinate's domain");
    else
        solve(result, &work);

    result->cells = work.cells;
    result->precision = work.precision;
    claims_decide(result, &work);
    flint_free(result->detail);
    result->detail = caustic_text_take(work.detail);
    work_clear(&work);
}
