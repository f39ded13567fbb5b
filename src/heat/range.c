/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    range: what values an expression takes while its symbol runs through an interval that may be
    unbounded. Interval arithmetic with infinite ends, rounded outward, that remembers whether an
    end is attained [HEAT-6].
*/

#include <flint/arb_hypgeom.h>
#include <flint/fmpz_poly.h>
#include "heat_internal.h"

#define RANGE_PREC 64

void
range_init(range_t range)
{
    arf_init(range->lower);
    arf_init(range->upper);
    arf_neg_inf(range->lower);
    arf_pos_inf(range->upper);
    range->lower_strict = range->upper_strict = 1;
}

void
range_clear(range_t range)
{
    arf_clear(range->lower);
    arf_clear(range->upper);
}

static void
range_whole(range_t range)
{
    arf_neg_inf(range->lower);
    arf_pos_inf(range->upper);
    range->lower_strict = range->upper_strict = 1;
}

static void
range_set(range_t result, const range_t range)
{
    arf_set(result->lower, range->lower);
    arf_set(result->upper, range->upper);
    result->lower_strict = range->lower_strict;
    result->upper_strict = range->upper_strict;
}

/* The ends of a rational number or of another ball, rounded outward. */
static void
range_set_arb(range_t range, const arb_t x)
{
    arb_get_lbound_arf(range->lower, x, RANGE_PREC);
    arb_get_ubound_arf(range->upper, x, RANGE_PREC);
    range->lower_strict = range->upper_strict = 0;
}

void
range_set_interval(range_t range, const caustic_interval_t interval)
{
    arb_t end;

    arb_init(end);
    range_whole(range);
    if (!interval->lower_infinite)
    {
        arb_set_fmpq(end, interval->lower, RANGE_PREC);
        arb_get_lbound_arf(range->lower, end, RANGE_PREC);
        range->lower_strict = !interval->lower_closed;
    }
    if (!interval->upper_infinite)
    {
        arb_set_fmpq(end, interval->upper, RANGE_PREC);
        arb_get_ubound_arf(range->upper, end, RANGE_PREC);
        range->upper_strict = !interval->upper_closed;
    }
    arb_clear(end);
}

/* The sign of end - x. */
static int
end_compare(const arf_t end, const fmpq_t x)
{
    arf_t y, z;
    int sign;

    arf_init(y);
    arf_init(z);
    arf_mul_fmpz(y, end, fmpq_denref(x), ARF_PREC_EXACT, ARF_RND_DOWN);
    arf_set_fmpz(z, fmpq_numref(x));
    sign = arf_cmp(y, z);
    arf_clear(y);
    arf_clear(z);
    return sign;
}

int
range_inside(const range_t range, const caustic_interval_t interval)
{
    int cmp;

    if (!interval->lower_infinite)
    {
        cmp = arf_is_nan(range->lower) ? -1 : end_compare(range->lower, interval->lower);
        if (cmp < 0 || (cmp == 0 && !range->lower_strict && !interval->lower_closed))
        {
            return 0;
        }
    }
    if (!interval->upper_infinite)
    {
        cmp = arf_is_nan(range->upper) ? 1 : end_compare(range->upper, interval->upper);
        if (cmp > 0 || (cmp == 0 && !range->upper_strict && !interval->upper_closed))
        {
            return 0;
        }
    }
    return 1;
}

static void
range_neg(range_t result, const range_t x)
{
    range_t y;

    range_init(y);
    arf_neg(y->lower, x->upper);
    arf_neg(y->upper, x->lower);
    y->lower_strict = x->upper_strict;
    y->upper_strict = x->lower_strict;
    range_set(result, y);
    range_clear(y);
}

static void
range_add(range_t result, const range_t x)
{
    arf_add(result->lower, result->lower, x->lower, RANGE_PREC, ARF_RND_FLOOR);
    arf_add(result->upper, result->upper, x->upper, RANGE_PREC, ARF_RND_CEIL);
    result->lower_strict = result->lower_strict || x->lower_strict;
    result->upper_strict = result->upper_strict || x->upper_strict;
}

/* An end times an end: 0 times infinity is 0, since every number of a range is finite. */
static void
end_mul(arf_t result, const arf_t x, const arf_t y, arf_rnd_t round)
{
    if (arf_is_zero(x) || arf_is_zero(y))
    {
        arf_zero(result);
    }
    else
    {
        arf_mul(result, x, y, RANGE_PREC, round);
    }
}

/* x, y >= 0 as ranges. */
static void
range_mul_nonnegative(range_t result, const range_t x, const range_t y)
{
    int lower_strict, upper_strict;

    lower_strict = (x->lower_strict && y->lower_strict)
        || (x->lower_strict && arf_sgn(y->lower) > 0) || (y->lower_strict && arf_sgn(x->lower) > 0);
    upper_strict = (x->upper_strict && arf_sgn(x->upper) > 0 && arf_sgn(y->upper) > 0)
        || (y->upper_strict && arf_sgn(x->upper) > 0 && arf_sgn(y->upper) > 0);
    end_mul(result->lower, x->lower, y->lower, ARF_RND_FLOOR);
    end_mul(result->upper, x->upper, y->upper, ARF_RND_CEIL);
    result->lower_strict = lower_strict;
    result->upper_strict = upper_strict;
}

static void
range_mul(range_t result, const range_t x, const range_t y)
{
    range_t a, b;
    arf_t end;
    int negative = 0;

    range_init(a);
    range_init(b);
    arf_init(end);
    range_set(a, x);
    range_set(b, y);
    if (arf_sgn(a->upper) <= 0)
    {
        range_neg(a, a);
        negative = !negative;
    }
    if (arf_sgn(b->upper) <= 0)
    {
        range_neg(b, b);
        negative = !negative;
    }
    if (arf_sgn(a->lower) >= 0 && arf_sgn(b->lower) >= 0)
    {
        range_mul_nonnegative(result, a, b);
    }
    else
    {
        /* At least one of the two takes both signs: the least of four products. */
        end_mul(result->lower, a->lower, b->upper, ARF_RND_FLOOR);
        end_mul(end, a->upper, b->lower, ARF_RND_FLOOR);
        arf_min(result->lower, result->lower, end);
        end_mul(end, a->lower, b->lower, ARF_RND_FLOOR);
        arf_min(result->lower, result->lower, end);
        end_mul(result->upper, a->upper, b->upper, ARF_RND_CEIL);
        end_mul(end, a->lower, b->lower, ARF_RND_CEIL);
        arf_max(result->upper, result->upper, end);
        result->lower_strict = !arf_is_finite(result->lower);
        result->upper_strict = !arf_is_finite(result->upper);
    }
    if (negative)
    {
        range_neg(result, result);
    }
    arf_clear(end);
    range_clear(a);
    range_clear(b);
}

/* x^p, p > 0, at an end >= 0 of a range; infinity stays. */
static void
end_power(arf_t result, const arf_t x, const fmpq_t p, int upper)
{
    arb_t y;

    if (arf_is_zero(x) || !arf_is_finite(x))
    {
        arf_set(result, x);
        return;
    }
    arb_init(y);
    arb_set_arf(y, x);
    arb_pow_fmpq(y, y, p, RANGE_PREC);
    if (upper)
    {
        arb_get_ubound_arf(result, y, RANGE_PREC);
    }
    else
    {
        arb_get_lbound_arf(result, y, RANGE_PREC);
    }
    arb_clear(y);
}

/* x^p for x >= 0, p > 0: increasing. */
static void
range_power_nonnegative(range_t result, const range_t x, const fmpq_t p)
{
    end_power(result->lower, x->lower, p, 0);
    end_power(result->upper, x->upper, p, 1);
    result->lower_strict = x->lower_strict;
    result->upper_strict = x->upper_strict;
}

/* 1/x for x > 0. Returns 0 where 0 may be a value. */
static int
range_inverse_positive(range_t result, const range_t x)
{
    range_t y;
    arf_t one;
    int defined = arf_sgn(x->lower) > 0 || (arf_is_zero(x->lower) && x->lower_strict);

    range_init(y);
    arf_init(one);
    if (defined)
    {
        arf_one(one);
        if (arf_is_finite(x->upper))
        {
            arf_div(y->lower, one, x->upper, RANGE_PREC, ARF_RND_FLOOR);
        }
        else
        {
            arf_zero(y->lower);
        }
        if (arf_is_zero(x->lower))
        {
            arf_pos_inf(y->upper);
        }
        else
        {
            arf_div(y->upper, one, x->lower, RANGE_PREC, ARF_RND_CEIL);
        }
        y->lower_strict = x->upper_strict || !arf_is_finite(x->upper);
        y->upper_strict = x->lower_strict;
        range_set(result, y);
    }
    arf_clear(one);
    range_clear(y);
    return defined;
}

static int
range_power(range_t result, const range_t base, const fmpq * exponent)
{
    range_t x, y;
    fmpq_t p;
    int integer = fmpz_is_one(fmpq_denref(exponent));
    int even = integer && fmpz_is_even(fmpq_numref(exponent));
    int inverse = fmpq_sgn(exponent) < 0;
    int negative = 0, defined = 1;

    range_init(x);
    range_init(y);
    fmpq_init(p);
    fmpq_abs(p, exponent);
    range_set(x, base);
    if (integer && arf_sgn(x->upper) <= 0)
    {
        range_neg(x, x);
        negative = !even;
    }
    if (arf_sgn(x->lower) >= 0)
    {
        range_power_nonnegative(x, x, p);
    }
    else if (!integer)
    {
        defined = 0;
    }
    else
    {
        /* Both signs: the two halves apart. */
        range_neg(y, x);
        arf_zero(y->lower);
        y->lower_strict = 0;
        arf_zero(x->lower);
        x->lower_strict = 0;
        range_power_nonnegative(x, x, p);
        range_power_nonnegative(y, y, p);
        if (even)
        {
            if (arf_cmp(y->upper, x->upper) > 0)
            {
                arf_set(x->upper, y->upper);
                x->upper_strict = y->upper_strict;
            }
            else if (arf_equal(y->upper, x->upper))
            {
                x->upper_strict = x->upper_strict && y->upper_strict;
            }
        }
        else
        {
            arf_neg(x->lower, y->upper);
            x->lower_strict = y->upper_strict;
        }
    }
    if (defined && inverse)
    {
        defined = range_inverse_positive(x, x);
    }
    if (negative)
    {
        range_neg(x, x);
    }
    range_set(result, x);
    fmpq_clear(p);
    range_clear(x);
    range_clear(y);
    return defined;
}

/* The value of an increasing function at an end; at infinite ends its limit, which is no value. */
static void
end_function(arf_t result, caustic_op op, const arf_t x, int upper)
{
    arb_t y;

    arb_init(y);
    if (!arf_is_finite(x))
    {
        int positive = arf_sgn(x) > 0;

        switch (op)
        {
            case CAUSTIC_OP_EXP:
            case CAUSTIC_OP_SOFTPLUS:
                if (positive) { arb_pos_inf(y); } else { arb_zero(y); }
                break;
            case CAUSTIC_OP_SIGMOID:
                arb_set_si(y, positive);
                break;
            case CAUSTIC_OP_TANH:
            case CAUSTIC_OP_ERF:
                arb_set_si(y, positive ? 1 : -1);
                break;
            case CAUSTIC_OP_ATAN:
                arb_const_pi(y, RANGE_PREC);
                arb_mul_2exp_si(y, y, -1);
                if (!positive) { arb_neg(y, y); }
                break;
            default: /* log, sinh */
                if (positive) { arb_pos_inf(y); } else { arb_neg_inf(y); }
        }
    }
    else
    {
        arb_set_arf(y, x);
        switch (op)
        {
            case CAUSTIC_OP_EXP: arb_exp(y, y, RANGE_PREC); break;
            case CAUSTIC_OP_LOG:
                if (arf_is_zero(x)) { arb_neg_inf(y); } else { arb_log(y, y, RANGE_PREC); }
                break;
            case CAUSTIC_OP_SINH: arb_sinh(y, y, RANGE_PREC); break;
            case CAUSTIC_OP_TANH: arb_tanh(y, y, RANGE_PREC); break;
            case CAUSTIC_OP_ATAN: arb_atan(y, y, RANGE_PREC); break;
            case CAUSTIC_OP_ERF: arb_hypgeom_erf(y, y, RANGE_PREC); break;
            case CAUSTIC_OP_SIGMOID: /* 1/(1 + e^-x) */
                arb_neg(y, y);
                arb_exp(y, y, RANGE_PREC);
                arb_add_ui(y, y, 1, RANGE_PREC);
                arb_inv(y, y, RANGE_PREC);
                break;
            default: /* softplus = log(1 + e^x) */
                arb_exp(y, y, RANGE_PREC);
                arb_log1p(y, y, RANGE_PREC);
        }
    }
    if (upper)
    {
        arb_get_ubound_arf(result, y, RANGE_PREC);
    }
    else
    {
        arb_get_lbound_arf(result, y, RANGE_PREC);
    }
    arb_clear(y);
}

static void
range_increasing(range_t result, caustic_op op, const range_t x)
{
    int lower_strict = x->lower_strict || !arf_is_finite(x->lower);
    int upper_strict = x->upper_strict || !arf_is_finite(x->upper);

    end_function(result->lower, op, x->lower, 0);
    end_function(result->upper, op, x->upper, 1);
    result->lower_strict = lower_strict;
    result->upper_strict = upper_strict;
}

/* |x| */
static void
range_abs(range_t result, const range_t x)
{
    range_set(result, x);
    if (arf_sgn(result->upper) <= 0)
    {
        range_neg(result, result);
    }
    else if (arf_sgn(result->lower) < 0)
    {
        range_t y;

        range_init(y);
        range_neg(y, x);
        if (arf_cmp(y->upper, result->upper) > 0)
        {
            arf_set(result->upper, y->upper);
        }
        arf_zero(result->lower);
        result->lower_strict = 0;
        result->upper_strict = !arf_is_finite(result->upper);
        range_clear(y);
    }
}

static int
range_function(range_t result, caustic_op op, const range_t x)
{
    range_t y;
    int defined = 1;

    switch (op)
    {
        case CAUSTIC_OP_LOG:
            defined = arf_sgn(x->lower) > 0 || (arf_is_zero(x->lower) && x->lower_strict);
            if (defined)
            {
                range_increasing(result, op, x);
            }
            break;
        case CAUSTIC_OP_EXP: case CAUSTIC_OP_SINH: case CAUSTIC_OP_TANH: case CAUSTIC_OP_ATAN:
        case CAUSTIC_OP_ERF: case CAUSTIC_OP_SIGMOID: case CAUSTIC_OP_SOFTPLUS:
            range_increasing(result, op, x);
            break;
        case CAUSTIC_OP_SIN:
        case CAUSTIC_OP_COS:
            arf_set_si(result->lower, -1);
            arf_one(result->upper);
            result->lower_strict = result->upper_strict = 0;
            break;
        case CAUSTIC_OP_COSH: /* (e^|x| + e^-|x|)/2, both terms apart */
            range_init(y);
            range_abs(y, x);
            range_increasing(result, CAUSTIC_OP_EXP, y);
            range_neg(y, y);
            range_increasing(y, CAUSTIC_OP_EXP, y);
            range_add(result, y);
            arf_mul_2exp_si(result->lower, result->lower, -1);
            arf_mul_2exp_si(result->upper, result->upper, -1);
            if (arf_cmp_si(result->lower, 1) < 0)
            {
                arf_one(result->lower);
                result->lower_strict = 0;
            }
            range_clear(y);
            break;
        case CAUSTIC_OP_ABS:
            range_abs(result, x);
            break;
        case CAUSTIC_OP_RELU:
            range_set(result, x);
            if (arf_sgn(result->lower) < 0)
            {
                arf_zero(result->lower);
                result->lower_strict = 0;
            }
            if (arf_sgn(result->upper) <= 0)
            {
                arf_zero(result->upper);
                result->upper_strict = 0;
            }
            break;
        default: /* tan, sign, step: not continuous on a line */
            defined = 0;
    }
    return defined;
}

static int
range_of_node(range_struct * ranges, const slong * slot, const caustic_pool * pool, caustic_expr e,
    caustic_expr symbol, const range_t input)
{
    range_struct * result = ranges + slot[e];
    caustic_op op = caustic_expr_op(pool, e);
    slong i, arity = caustic_expr_arity(pool, e);
    arb_t x;
    int defined = 1;

    arb_init(x);
    switch (op)
    {
        case CAUSTIC_OP_NUMBER:
            arb_set_fmpq(x, caustic_expr_fmpq(pool, e), RANGE_PREC);
            range_set_arb(result, x);
            break;
        case CAUSTIC_OP_PI:
            arb_const_pi(x, RANGE_PREC);
            range_set_arb(result, x);
            break;
        case CAUSTIC_OP_SYMBOL:
            defined = symbol == CAUSTIC_NONE || e == symbol;
            if (defined)
            {
                range_set(result, input);
            }
            break;
        case CAUSTIC_OP_SUM:
        case CAUSTIC_OP_PRODUCT:
            range_set(result, ranges + slot[caustic_expr_child(pool, e, 0)]);
            for (i = 1; i < arity; i++)
            {
                const range_struct * child = ranges + slot[caustic_expr_child(pool, e, i)];

                if (op == CAUSTIC_OP_SUM)
                {
                    range_add(result, child);
                }
                else
                {
                    range_mul(result, result, child);
                }
            }
            break;
        case CAUSTIC_OP_POWER:
            defined = range_power(result, ranges + slot[caustic_expr_child(pool, e, 0)],
                caustic_expr_fmpq(pool, e));
            break;
        default:
            defined = range_function(result, op, ranges + slot[caustic_expr_child(pool, e, 0)]);
    }
    if (!defined || arf_is_nan(result->lower) || arf_is_nan(result->upper))
    {
        range_whole(result);
        defined = 0;
    }
    arb_clear(x);
    return defined;
}

int
range_of_expression(range_t result, const caustic_pool * pool, caustic_expr e, caustic_expr symbol,
    const range_t input)
{
    range_struct * ranges;
    slong * slot;
    slong i, count = 0;
    caustic_expr h;
    int defined = 1;

    if (e == CAUSTIC_NONE)
    {
        range_whole(result);
        return 0;
    }
    /* A child's handle is smaller than its parent's: mark from above, evaluate from below. */
    slot = flint_calloc((size_t) e + 1, sizeof(slong));
    slot[e] = 1;
    for (h = e; h > 0; h--)
    {
        if (slot[h])
        {
            for (i = 0; i < caustic_expr_arity(pool, h); i++)
            {
                slot[caustic_expr_child(pool, h, i)] = 1;
            }
        }
    }
    for (h = 1; h <= e; h++)
    {
        slot[h] = slot[h] ? ++count : 0;
    }
    ranges = flint_malloc(sizeof(range_struct) * (count + 1));
    for (i = 0; i <= count; i++)
    {
        range_init(ranges + i);
    }
    for (h = 1; h <= e && defined; h++)
    {
        if (slot[h])
        {
            defined = range_of_node(ranges, slot, pool, h, symbol, input);
        }
    }
    if (defined)
    {
        range_set(result, ranges + slot[e]);
    }
    else
    {
        range_whole(result);
    }
    for (i = 0; i <= count; i++)
    {
        range_clear(ranges + i);
    }
    flint_free(ranges);
    flint_free(slot);
    return defined;
}

/* Lower bounds *********************************************************************************/

/* The numerator of p/denominator - m for m = a/b: b p - a denominator. */
static void
numerator_minus(fmpz_poly_t result, const fmpz_poly_t p, const fmpz_t denominator, const fmpq_t m)
{
    fmpz_t c;

    fmpz_init(c);
    fmpz_poly_scalar_mul_fmpz(result, p, fmpq_denref(m));
    fmpz_mul(c, fmpq_numref(m), denominator);
    fmpz_neg(c, c);
    if (fmpz_poly_length(result) == 0)
    {
        fmpz_poly_set_fmpz(result, c);
    }
    else
    {
        fmpz_add(c, c, result->coeffs + 0);
        fmpz_poly_set_coeff_fmpz(result, 0, c);
    }
    fmpz_clear(c);
}

/* Whether p has no real root, p not constant. The root counters of FLINT want a squarefree
   polynomial; dividing by gcd(p, p') keeps the roots. */
static int
without_real_roots(const fmpz_poly_t p)
{
    fmpz_poly_t derivative, common;
    int none;

    fmpz_poly_init(derivative);
    fmpz_poly_init(common);
    fmpz_poly_derivative(derivative, p);
    fmpz_poly_gcd(common, p, derivative);
    none = fmpz_poly_divides(derivative, p, common) && fmpz_poly_num_real_roots(derivative) == 0;
    fmpz_poly_clear(derivative);
    fmpz_poly_clear(common);
    return none;
}

/* A lower bound on the whole line of p/denominator, denominator > 0: a rational m with p - m
   denominator without real roots and positive at infinity [HEAT-6]. Candidates for m come from
   sampling, which proves nothing; Sturm's theorem does. */
static int
polynomial_lower_bound(arf_t bound, const fmpz_poly_t p, const fmpz_t denominator)
{
    fmpz_poly_t shifted;
    fmpq_t m, x, value;
    slong degree = fmpz_poly_degree(p), i, attempt;
    arb_t end;
    int found = 0;

    if (degree > 64 || (degree > 0 && (degree % 2 || fmpz_sgn(fmpz_poly_lead(p)) < 0)))
    {
        return 0;
    }
    fmpz_poly_init(shifted);
    fmpq_init(m);
    fmpq_init(x);
    fmpq_init(value);
    arb_init(end);
    for (i = -64; i <= 64; i++)
    {
        fmpq_set_si(x, i, 8);
        fmpz_poly_evaluate_fmpq(value, p, x);
        fmpq_div_fmpz(value, value, denominator);
        if (i == -64 || fmpq_cmp(value, m) < 0)
        {
            fmpq_set(m, value);
        }
    }
    for (attempt = 0; attempt < 40 && !found; attempt++)
    {
        if (degree <= 0)
        {
            found = 1; /* constant: m is its value */
            break;
        }
        /* m - 2^(attempt - 4), and 0 first where the samples allow it */
        if (attempt == 0 && fmpq_sgn(m) >= 0)
        {
            fmpq_set_si(value, -1, 64);
        }
        else
        {
            fmpq_set_si(value, -1, 16);
            fmpz_mul_2exp(fmpq_numref(value), fmpq_numref(value), attempt);
            fmpq_canonicalise(value);
            fmpq_add(value, value, m);
        }
        numerator_minus(shifted, p, denominator, value);
        if (without_real_roots(shifted))
        {
            fmpq_set(m, value);
            found = 1;
        }
    }
    if (found)
    {
        arb_set_fmpq(end, m, RANGE_PREC);
        arb_get_lbound_arf(bound, end, RANGE_PREC);
    }
    arb_clear(end);
    fmpq_clear(m);
    fmpq_clear(x);
    fmpq_clear(value);
    fmpz_poly_clear(shifted);
    return found;
}

/* e as polynomial/denominator in the symbol, if it is one. */
static int
get_polynomial(fmpz_poly_t p, fmpz_t denominator, caustic_pool * pool, caustic_expr e,
    caustic_expr symbol, const caustic_interval_t domain)
{
    gr_ctx_t ctx;
    gr_ptr x;
    fmpz_poly_t q;
    int found;

    fmpz_poly_init(q);
    caustic_field_ctx_init(ctx, pool, &symbol, domain, 1);
    GR_TMP_INIT(x, ctx);
    found = caustic_field_set_expr(x, e, ctx) == GR_SUCCESS
        && caustic_field_get_fmpz_poly_q(p, q, x, 0, ctx) && fmpz_poly_degree(q) == 0;
    if (found)
    {
        fmpz_poly_get_coeff_fmpz(denominator, q, 0);
        if (fmpz_sgn(denominator) < 0)
        {
            fmpz_neg(denominator, denominator);
            fmpz_poly_neg(p, p);
        }
    }
    GR_TMP_CLEAR(x, ctx);
    gr_ctx_clear(ctx);
    fmpz_poly_clear(q);
    return found;
}

/* The polynomial terms of e together, the others one by one [HEAT-6]. */
static int
lower_bound_by_terms(arf_t bound, caustic_pool * pool, caustic_expr e, caustic_expr symbol,
    const caustic_interval_t domain, const range_t input)
{
    range_t range;
    fmpz_poly_t p;
    fmpz_t denominator;
    caustic_expr polynomial, rest, term;
    slong i;
    int found;

    range_init(range);
    fmpz_poly_init(p);
    fmpz_init(denominator);
    polynomial = rest = caustic_integer(pool, 0);
    if (caustic_expr_op(pool, e) == CAUSTIC_OP_SUM)
    {
        for (i = 0; i < caustic_expr_arity(pool, e); i++)
        {
            term = caustic_expr_child(pool, e, i);
            if (get_polynomial(p, denominator, pool, term, symbol, domain))
            {
                polynomial = caustic_add(pool, polynomial, term);
            }
            else
            {
                rest = caustic_add(pool, rest, term);
            }
        }
    }
    else
    {
        polynomial = e;
    }
    found = get_polynomial(p, denominator, pool, polynomial, symbol, domain)
        && polynomial_lower_bound(bound, p, denominator)
        && range_of_expression(range, pool, rest, symbol, input) && arf_is_finite(range->lower);
    if (found)
    {
        arf_add(bound, bound, range->lower, RANGE_PREC, ARF_RND_FLOOR);
    }
    fmpz_clear(denominator);
    fmpz_poly_clear(p);
    range_clear(range);
    return found;
}

/* A number of the open interval near one of its ends: 2^k towards an infinite end, a distance of
   (length) 2^-k, or 2^-k, from a finite one. */
static void
point_near_end(arf_t x, const range_t input, int upper, slong k)
{
    const arf_struct * end = upper ? input->upper : input->lower;
    const arf_struct * other = upper ? input->lower : input->upper;
    arf_t d;

    arf_init(d);
    arf_one(d);
    if (arf_is_finite(end))
    {
        if (arf_is_finite(other))
        {
            arf_sub(d, other, end, RANGE_PREC, ARF_RND_DOWN);
            arf_abs(d, d);
        }
        arf_mul_2exp_si(d, d, -k);
    }
    else
    {
        arf_mul_2exp_si(d, d, k);
    }
    if (arf_is_finite(end))
    {
        upper ? arf_sub(x, end, d, RANGE_PREC, ARF_RND_DOWN) : arf_add(x, end, d, RANGE_PREC, ARF_RND_DOWN);
    }
    else if (arf_is_finite(other))
    {
        upper ? arf_add(x, other, d, RANGE_PREC, ARF_RND_DOWN) : arf_sub(x, other, d, RANGE_PREC, ARF_RND_DOWN);
    }
    else
    {
        upper ? arf_set(x, d) : arf_neg(x, d);
    }
    arf_clear(d);
}

/* [HEAT-8] A point beyond which, towards one end, the derivative does not let e fall below its value at
   the point: e' >= 0 towards the upper end, e' <= 0 towards the lower one. */
static int
turning_point(arf_t x, const caustic_pool * pool, caustic_expr derivative, caustic_expr symbol,
    const range_t input, int upper)
{
    range_t part, range;
    slong k;
    int found = 0;

    range_init(part);
    range_init(range);
    for (k = 1; k <= 10 && !found; k++)
    {
        point_near_end(x, input, upper, k);
        range_set(part, input);
        if (arf_cmp(x, input->lower) <= 0 || arf_cmp(x, input->upper) >= 0)
        {
            break;
        }
        arf_set(upper ? part->lower : part->upper, x);
        if (upper) { part->lower_strict = 0; } else { part->upper_strict = 0; }
        found = range_of_expression(range, pool, derivative, symbol, part)
            && (upper ? arf_sgn(range->lower) >= 0 : arf_sgn(range->upper) <= 0);
    }
    range_clear(part);
    range_clear(range);
    return found;
}

/* [HEAT-8] e falls up to a, rises from b on, and is bounded on [a, b] by pieces. */
static int
lower_bound_between(arf_t bound, caustic_pool * pool, caustic_expr e, caustic_expr symbol,
    const range_t input)
{
    caustic_expr derivative = caustic_derivative(pool, e, symbol);
    range_t piece, range;
    arf_t a, b, step;
    slong i;
    int found;

    range_init(piece);
    range_init(range);
    arf_init(a);
    arf_init(b);
    arf_init(step);
    found = derivative != CAUSTIC_NONE && range_of_expression(range, pool, e, symbol, input)
        && turning_point(a, pool, derivative, symbol, input, 0)
        && turning_point(b, pool, derivative, symbol, input, 1) && arf_cmp(a, b) <= 0;
    if (found)
    {
        arf_sub(step, b, a, RANGE_PREC, ARF_RND_CEIL);
        arf_mul_2exp_si(step, step, -6);
        piece->lower_strict = piece->upper_strict = 0;
        arf_set(piece->upper, a);
        arf_pos_inf(bound);
        for (i = 0; i < 65 && found && arf_cmp(piece->upper, b) < 0; i++)
        {
            arf_set(piece->lower, piece->upper);
            arf_add(piece->upper, piece->lower, step, RANGE_PREC, ARF_RND_CEIL);
            arf_min(piece->upper, piece->upper, b);
            found = range_of_expression(range, pool, e, symbol, piece) && arf_is_finite(range->lower);
            arf_min(bound, bound, range->lower);
        }
        found = found && arf_cmp(piece->upper, b) >= 0 && arf_is_finite(bound);
    }
    range_clear(piece);
    range_clear(range);
    arf_clear(a);
    arf_clear(b);
    arf_clear(step);
    return found;
}

int
caustic_lower_bound(arf_t bound, caustic_pool * pool, caustic_expr e, caustic_expr symbol,
    const caustic_interval_t domain)
{
    range_t input, range;
    int found;

    range_init(input);
    range_init(range);
    range_set_interval(input, domain);
    found = range_of_expression(range, pool, e, symbol, input) && arf_is_finite(range->lower);
    if (found)
    {
        arf_set(bound, range->lower);
    }
    else if (e != CAUSTIC_NONE)
    {
        found = lower_bound_by_terms(bound, pool, e, symbol, domain, input)
            || lower_bound_between(bound, pool, e, symbol, input);
    }
    range_clear(range);
    range_clear(input);
    return found;
}

int
caustic_flattening_lower_bound(arf_t bound, caustic_pool * pool, const caustic_flattening_t flattening, caustic_expr loss,
    const caustic_interval_t domain, caustic_expr flat_loss, const caustic_interval_struct * image)
{
    caustic_interval_t line;
    int found;

    caustic_interval_init(line);
    found = caustic_lower_bound(bound, pool, loss, flattening->z, domain)
        || caustic_lower_bound(bound, pool, flat_loss, flattening->s, image == NULL ? line : image);
    caustic_interval_clear(line);
    return found;
}
