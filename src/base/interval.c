/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <caustic/base.h>

void
caustic_interval_init(caustic_interval_t interval)
{
    fmpq_init(interval->lower);
    fmpq_init(interval->upper);
    interval->lower_infinite = 1;
    interval->upper_infinite = 1;
    interval->lower_closed = 0;
    interval->upper_closed = 0;
}

void
caustic_interval_clear(caustic_interval_t interval)
{
    fmpq_clear(interval->lower);
    fmpq_clear(interval->upper);
}

void
caustic_interval_set(caustic_interval_t result, const caustic_interval_t interval)
{
    fmpq_set(result->lower, interval->lower);
    fmpq_set(result->upper, interval->upper);
    result->lower_infinite = interval->lower_infinite;
    result->upper_infinite = interval->upper_infinite;
    result->lower_closed = interval->lower_closed;
    result->upper_closed = interval->upper_closed;
}

static void
print_fmpq(caustic_text_t out, const fmpq_t x)
{
    char * string = fmpq_get_str(NULL, 10, x);

    caustic_text_append(out, string);
    flint_free(string);
}

void
caustic_interval_print(caustic_text_t out, const caustic_interval_t interval)
{
    caustic_text_append(out, interval->lower_closed && !interval->lower_infinite ? "[" : "(");

    if (interval->lower_infinite)
        caustic_text_append(out, "-inf");
    else
        print_fmpq(out, interval->lower);

    caustic_text_append(out, ", ");

    if (interval->upper_infinite)
        caustic_text_append(out, "inf");
    else
        print_fmpq(out, interval->upper);

    caustic_text_append(out, interval->upper_closed && !interval->upper_infinite ? "]" : ")");
}

int
caustic_interval_contains_fmpq(const caustic_interval_t interval, const fmpq_t x)
{
    if (!interval->lower_infinite)
    {
        int order = fmpq_cmp(interval->lower, x);

        if (order > 0 || (order == 0 && !interval->lower_closed))
            return 0;
    }

    if (!interval->upper_infinite)
    {
        int order = fmpq_cmp(x, interval->upper);

        if (order > 0 || (order == 0 && !interval->upper_closed))
            return 0;
    }

    return 1;
}

/* The two comparisons of a ball with an exact number, by the ball's exact ends. */
static truth_t
ball_is_above(const arb_t x, const fmpq_t bound, int or_equal)
{
    arf_t lower, upper;
    fmpq_t end;
    truth_t answer = T_UNKNOWN;

    arf_init(lower);
    arf_init(upper);
    fmpq_init(end);

    /* The exact ends of a ball are dyadic; at 30 bits of radius and any midpoint they are exact in
       ARF_PREC_EXACT arithmetic. Absurd exponents would not fit a rational number. */
    arb_get_interval_arf(lower, upper, x, ARF_PREC_EXACT);

    if (arf_is_finite(lower) && arf_cmpabs_2exp_si(lower, 100000) < 0
        && (arf_is_zero(lower) || arf_cmpabs_2exp_si(lower, -100000) > 0))
    {
        arf_get_fmpq(end, lower);
        if (fmpq_cmp(end, bound) > 0 || (or_equal && fmpq_equal(end, bound)))
            answer = T_TRUE;
    }

    if (answer == T_UNKNOWN && arf_is_finite(upper) && arf_cmpabs_2exp_si(upper, 100000) < 0
        && (arf_is_zero(upper) || arf_cmpabs_2exp_si(upper, -100000) > 0))
    {
        arf_get_fmpq(end, upper);
        if (fmpq_cmp(end, bound) < 0 || (!or_equal && fmpq_equal(end, bound)))
            answer = T_FALSE;
    }

    arf_clear(lower);
    arf_clear(upper);
    fmpq_clear(end);
    return answer;
}

static truth_t
ball_is_below(const arb_t x, const fmpq_t bound, int or_equal)
{
    arb_t minus_x;
    fmpq_t minus_bound;
    truth_t answer;

    arb_init(minus_x);
    fmpq_init(minus_bound);
    arb_neg(minus_x, x);
    fmpq_neg(minus_bound, bound);
    answer = ball_is_above(minus_x, minus_bound, or_equal);
    arb_clear(minus_x);
    fmpq_clear(minus_bound);
    return answer;
}

truth_t
caustic_interval_contains_arb(const caustic_interval_t interval, const arb_t x)
{
    truth_t above = T_TRUE, below = T_TRUE;

    if (!arb_is_finite(x))
        return T_UNKNOWN;

    if (!interval->lower_infinite)
        above = ball_is_above(x, interval->lower, interval->lower_closed);

    if (!interval->upper_infinite)
        below = ball_is_below(x, interval->upper, interval->upper_closed);

    if (above == T_FALSE || below == T_FALSE)
        return T_FALSE;

    return (above == T_TRUE && below == T_TRUE) ? T_TRUE : T_UNKNOWN;
}

int
caustic_interval_is_positive(const caustic_interval_t interval)
{
    int sign;

    if (interval->lower_infinite)
        return 0;

    sign = fmpq_sgn(interval->lower);
    return sign > 0 || (sign == 0 && !interval->lower_closed);
}

int
caustic_interval_is_negative(const caustic_interval_t interval)
{
    int sign;

    if (interval->upper_infinite)
        return 0;

    sign = fmpq_sgn(interval->upper);
    return sign < 0 || (sign == 0 && !interval->upper_closed);
}
