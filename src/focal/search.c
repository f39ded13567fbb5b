/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    search: brackets of focal times.
*/

#include "focal/focal_internal.h"

void caustic_focal_init(caustic_focal_t result)
{
    arb_init(result->time);
    arb_init(result->reached);
    focal_reset(result);
}

void caustic_focal_clear(caustic_focal_t result)
{
    arb_clear(result->time);
    arb_clear(result->reached);
}

void focal_reset(caustic_focal_t result)
{
    result->found = 0;
    result->never = 0;
    result->multiplicity = 0;
    result->steps = 0;
    result->precision = 0;
    arb_zero_pm_inf(result->time);
    arb_zero(result->reached);
}

caustic_result focal_check(const caustic_focal_problem * problem, const caustic_focal_options * options, caustic_error_t error)
{
    if (options->digits < 1 || problem->function == CAUSTIC_NONE || problem->dimension < 1
        || (options->time_limit != NULL && (!arb_is_finite(options->time_limit) || !arb_is_positive(options->time_limit))))
    {
        return caustic_error_set(error, CAUSTIC_BAD_INPUT, NULL, 0, 0,
            "a focal time needs a loss, at least one digit, and a finite positive time limit");
    }
    if (problem->feet > problem->dimension || problem->feet + problem->generators < problem->dimension)
    {
        return caustic_error_set(error, CAUSTIC_UNSUPPORTED, NULL, 0, 0,
            "the directions of a focal time are those of the foot and of as many generators as complete them");
    }
    return CAUSTIC_OK;
}

/* Whole limbs; at least 20 bits more than the digits: 30 digits in two limbs, for which arithmetic is fastest. */
slong focal_first_precision(const caustic_focal_options * options)
{
    slong precision = 20 + (slong) (3.33 * (double) options->digits);
    precision = FLINT_MAX(128, FLINT_BITS * ((precision + FLINT_BITS - 1) / FLINT_BITS));
    return FLINT_MIN(precision, FLINT_MAX(64, options->precision_limit));
}

slong focal_foot_precision(slong digits, slong precision_limit)
{
    return FLINT_MAX(FOCAL_ROUGH, FLINT_MIN(4 * (128 + 4 * digits), precision_limit));
}

caustic_result focal_stop(const caustic_focal_t result, caustic_result code, const char * what, caustic_error_t error)
{
    caustic_result status;
    caustic_text_t text;
    caustic_text_init(text);
    caustic_print_lower(text, result->reached, 8);
    status = caustic_error_set(error, code, NULL, 0, 0, "%s (no focal time up to %s; %ld bits)", what, text->data,
        (long) result->precision);
    caustic_text_clear(text);
    return status;
}

void focal_ball(arb_t res, const arb_t lower, const arb_t upper)
{
    arb_t half;
    arb_init(half);
    arb_sub(half, upper, lower, ARF_PREC_EXACT);
    arb_mul_2exp_si(half, half, -1);
    arb_add(res, lower, half, ARF_PREC_EXACT);
    arf_get_mag(arb_radref(res), arb_midref(half));
    arb_clear(half);
}

int focal_is_narrow(const arb_t time, slong digits)
{
    int narrow;
    arb_t width, goal;
    arb_init(width);
    arb_init(goal);
    arb_get_rad_arb(width, time);
    arb_mul_2exp_si(width, width, 1);
    arb_set_ui(goal, 10);
    arb_pow_ui(goal, goal, (ulong) digits - 1, FOCAL_ROUGH);
    arb_mul(width, width, goal, FOCAL_ROUGH);
    narrow = arb_is_positive(time) && arb_le(width, time);
    arb_clear(width);
    arb_clear(goal);
    return narrow;
}

/* The least time at which eigenvalues were counted, and how many were negative there. */
typedef struct
{
    arb_t at;
    slong negative;
} tally;

static truth_t look(tally * count, focal_sign sign, void * context, const arb_t s)
{
    slong negative = 0;
    truth_t positive = sign(&negative, context, s);
    if (positive == T_FALSE && negative > 0)
    {
        arb_set(count->at, s);
        count->negative = negative;
    }
    return positive;
}

/* |edge - decided| <= |open - edge|/16: more would not make the bracket much narrower. */
static int is_at_edge(const arb_t decided, const arb_t edge, const arb_t open)
{
    int close;
    arb_t gap, zone;
    arb_init(gap);
    arb_init(zone);
    arb_sub(gap, edge, decided, ARF_PREC_EXACT);
    arb_mul_2exp_si(gap, gap, 4);
    arb_sub(zone, open, edge, ARF_PREC_EXACT);
    close = arf_cmpabs(arb_midref(gap), arb_midref(zone)) <= 0;
    arb_clear(gap);
    arb_clear(zone);
    return close;
}

/* The sign is open at `open`: moves `decided`, where it is `wanted`, towards it, up to the edge of where it is open. (Open signs are not
   rare: bisection meets times like 1 and 18 exactly.) */
static void approach(arb_t decided, tally * count, const arb_t open, truth_t wanted, focal_sign sign, void * context,
    slong precision)
{
    slong i;
    arb_t middle, edge;
    arb_init(middle);
    arb_init(edge);
    arb_set(edge, open);
    for (i = 0; i < precision && !is_at_edge(decided, edge, open); i++)
    {
        arb_add(middle, decided, edge, ARF_PREC_EXACT);
        arb_mul_2exp_si(middle, middle, -1);
        arb_swap(look(count, sign, context, middle) == wanted ? decided : edge, middle);
    }
    arb_clear(middle);
    arb_clear(edge);
}

/* Very close to the focal time the lowest eigenvalues are too small to be counted: a time that agrees with it to half of the bits will do. */
static int is_close(const arb_t at, const arb_t lower, slong precision)
{
    int close;
    arb_t width, goal;
    arb_init(width);
    arb_init(goal);
    arb_sub(width, at, lower, ARF_PREC_EXACT);
    arb_mul_2exp_si(goal, at, -precision / 2);
    close = arb_le(width, goal);
    arb_clear(width);
    arb_clear(goal);
    return close;
}

void focal_bisect(arb_t lower, arb_t upper, slong * multiplicity, focal_sign sign, void * context, slong precision)
{
    slong i;
    truth_t positive = T_TRUE;
    arb_t middle;
    tally count;

    count.negative = 0;
    arb_init(count.at);
    arb_init(middle);
    for (i = 0; i < precision && positive != T_UNKNOWN; i++)
    {
        arb_add(middle, lower, upper, ARF_PREC_EXACT);
        arb_mul_2exp_si(middle, middle, -1);
        positive = look(&count, sign, context, middle);
        if (positive != T_UNKNOWN)
        {
            arb_set(positive == T_TRUE ? lower : upper, middle);
        }
    }
    if (positive == T_UNKNOWN)
    {
        approach(lower, &count, middle, T_TRUE, sign, context, precision);
        approach(upper, &count, middle, T_FALSE, sign, context, precision);
    }
    *multiplicity = count.negative > 0 && is_close(count.at, lower, precision) ? count.negative : 0;
    arb_clear(count.at);
    arb_clear(middle);
}
