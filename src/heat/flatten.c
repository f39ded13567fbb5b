/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    flatten: the flat coordinate s(z) of a one-dimensional quotient. What is found here is only a
    candidate; the four checks prove it in the exact field, whichever way it was found.
*/

#include <flint/fmpz_poly.h>
#include <flint/fmpz_poly_factor.h>
#include "heat_internal.h"

/* No user can write this name, so it clashes with none. */
#define FLAT_NAME "s'"

void
caustic_flattening_init(caustic_flattening_t flattening)
{
    flattening->z = flattening->s = flattening->map = flattening->inverse = CAUSTIC_NONE;
    flattening->onto = flattening->driftless = 0;
    fmpq_init(flattening->dimension);
    caustic_checks_init(flattening->checks);
}

void
caustic_flattening_clear(caustic_flattening_t flattening)
{
    fmpq_clear(flattening->dimension);
    caustic_checks_clear(flattening->checks);
}

int
caustic_flattening_is_proved(caustic_text_t why, const caustic_flattening_t flattening)
{
    const caustic_checks_struct * checks = flattening->checks;

    for (slong i = 0; i < checks->length; i++)
        if (checks->entries[i].verdict != CAUSTIC_PROVED)
            caustic_text_printf(why, "%sno proved flat coordinate: %s %s (%s)", why->length > 0 ? "; " : "",
                checks->entries[i].name, caustic_verdict_name(checks->entries[i].verdict), checks->entries[i].detail);
    return caustic_checks_verdict(checks) == CAUSTIC_PROVED && flattening->onto && flattening->driftless
        && flattening->inverse != CAUSTIC_NONE;
}

/* Candidates ***********************************************************************************/

/* Everything the search needs. */
typedef struct
{
    caustic_pool * pool;
    caustic_expr z;
    caustic_expr s;
    const caustic_interval_struct * domain;
    caustic_expr cometric;
    caustic_expr map;     /* found */
    caustic_expr inverse; /* found */
    const char * why;     /* why nothing was found */
}
search_struct;

static caustic_expr
rational(caustic_pool * pool, const fmpz_t numerator, const fmpz_t denominator)
{
    fmpq_t q;
    caustic_expr e;

    fmpq_init(q);
    fmpq_set_fmpz_frac(q, numerator, denominator);
    e = caustic_number(pool, q);
    fmpq_clear(q);
    return e;
}

/* g constant: s = z/sqrt(g). */
static void
search_constant(search_struct * search)
{
    caustic_pool * pool = search->pool;
    caustic_expr root = caustic_sqrt(pool, search->cometric);

    search->map = caustic_div(pool, search->z, root);
    search->inverse = caustic_mul(pool, root, search->s);
}

/* g/g' = (z - z0)/p: g = k w^p with w = +-(z - z0) > 0 on the domain. */
static void
search_power(search_struct * search, const fmpz_poly_t ratio, const fmpz_t denominator)
{
    caustic_pool * pool = search->pool;
    caustic_expr w, k, root, e;
    fmpq_t p, z0, exponent;
    fmpz_t c0, c1;
    int sign;

    fmpq_init(p);
    fmpq_init(z0);
    fmpq_init(exponent);
    fmpz_init(c0);
    fmpz_init(c1);
    fmpz_poly_get_coeff_fmpz(c0, ratio, 0);
    fmpz_poly_get_coeff_fmpz(c1, ratio, 1);
    fmpq_set_fmpz_frac(p, denominator, c1);
    fmpz_neg(c0, c0);
    fmpq_set_fmpz_frac(z0, c0, c1);

    /* The side of z0 on which the domain lies. */
    sign = 0;
    if (!search->domain->lower_infinite && fmpq_cmp(search->domain->lower, z0) >= 0)
    {
        sign = 1;
    }
    else if (!search->domain->upper_infinite && fmpq_cmp(search->domain->upper, z0) <= 0)
    {
        sign = -1;
    }
    if (sign == 0)
    {
        search->why = "the cometric degenerates inside the domain";
    }
    else
    {
        w = caustic_sub(pool, search->z, caustic_number(pool, z0));
        if (sign < 0)
        {
            w = caustic_neg(pool, w);
        }
        k = caustic_div(pool, search->cometric, caustic_power(pool, w, p));
        /* k is constant; its value is that at the point w = 1. */
        fmpq_add_si(exponent, z0, sign);
        e = caustic_number(pool, exponent);
        k = caustic_substitute(pool, k, &search->z, &e, 1);
        root = caustic_sqrt(pool, k);
        if (fmpq_equal_si(p, 2))
        {
            search->map = caustic_div(pool, caustic_function(pool, CAUSTIC_OP_LOG, w), root);
            e = caustic_function(pool, CAUSTIC_OP_EXP, caustic_mul(pool, root, search->s));
        }
        else
        {
            /* int w^(-p/2) dw = w^(1 - p/2)/(1 - p/2) */
            fmpq_set_si(exponent, 2, 1);
            fmpq_sub(exponent, exponent, p);
            fmpq_div_2exp(exponent, exponent, 1);
            e = caustic_mul(pool, root, caustic_number(pool, exponent));
            search->map = caustic_div(pool, caustic_power(pool, w, exponent), e);
            fmpq_inv(exponent, exponent);
            e = caustic_power(pool, caustic_mul(pool, e, search->s), exponent);
        }
        if (sign < 0)
        {
            /* dw = -dz: the orientation of s does not matter. */
            e = caustic_neg(pool, e);
        }
        search->inverse = caustic_add(pool, caustic_number(pool, z0), e);
    }
    fmpz_clear(c0);
    fmpz_clear(c1);
    fmpq_clear(p);
    fmpq_clear(z0);
    fmpq_clear(exponent);
}

/* g = c2 (w^2 + d), w = z + c1/(2 c2), d > 0: s = log(w + sqrt(w^2 + d))/sqrt(c2). */
static void
search_quadratic(search_struct * search, const fmpz_poly_t g, const fmpz_t denominator)
{
    caustic_pool * pool = search->pool;
    caustic_expr c2, shift, d, w, root, e, inverse;
    fmpz_t a, b, two_a;
    fmpq_t disc, square;

    fmpz_init(a);
    fmpz_init(b);
    fmpz_init(two_a);
    fmpq_init(disc);
    fmpq_init(square);
    fmpz_poly_get_coeff_fmpz(a, g, 2);
    fmpz_poly_get_coeff_fmpz(b, g, 1);
    fmpz_mul_2exp(two_a, a, 1);
    fmpq_set_fmpz_frac(square, b, two_a);
    shift = caustic_number(pool, square);
    fmpq_mul(square, square, square);
    fmpz_poly_get_coeff_fmpz(b, g, 0);
    fmpq_set_fmpz_frac(disc, b, a);
    fmpq_sub(disc, disc, square);
    if (fmpz_sgn(a) > 0 && fmpq_sgn(disc) > 0)
    {
        c2 = rational(pool, a, denominator);
        d = caustic_number(pool, disc);
        root = caustic_sqrt(pool, c2);
        w = caustic_add(pool, search->z, shift);
        e = caustic_add(pool, caustic_power_si(pool, w, 2), d);
        e = caustic_add(pool, w, caustic_sqrt(pool, e));
        search->map = caustic_div(pool, caustic_function(pool, CAUSTIC_OP_LOG, e), root);
        e = caustic_function(pool, CAUSTIC_OP_EXP, caustic_mul(pool, root, search->s));
        inverse = caustic_sub(pool, e, caustic_div(pool, d, e));
        inverse = caustic_div(pool, inverse, caustic_integer(pool, 2));
        search->inverse = caustic_sub(pool, inverse, shift);
    }
    else
    {
        search->why = "the cometric is a quadratic with real roots";
    }
    fmpz_clear(a);
    fmpz_clear(b);
    fmpz_clear(two_a);
    fmpq_clear(disc);
    fmpq_clear(square);
}

/* g = k q^2, q = c (z - r1)(z - r2) with r1 < z < r2, or q without real roots. */
static void
search_squared_quadratic(search_struct * search, const fmpz_poly_t q, const fmpz_t numerator,
    const fmpz_t denominator)
{
    caustic_pool * pool = search->pool;
    caustic_expr root, e, length, lower, upper;
    fmpz_t a, b, c, disc, two_a;
    fmpq_t r1, r2;

    fmpz_init(a);
    fmpz_init(b);
    fmpz_init(c);
    fmpz_init(disc);
    fmpz_init(two_a);
    fmpq_init(r1);
    fmpq_init(r2);
    fmpz_poly_get_coeff_fmpz(a, q, 2);
    fmpz_poly_get_coeff_fmpz(b, q, 1);
    fmpz_poly_get_coeff_fmpz(c, q, 0);
    fmpz_mul(disc, b, b);
    fmpz_mul(c, c, a);
    fmpz_submul_ui(disc, c, 4);
    fmpz_mul_2exp(two_a, a, 1);
    root = caustic_mul(pool, caustic_sqrt(pool, rational(pool, numerator, denominator)),
        caustic_number(pool, (fmpq_set_fmpz(r1, a), fmpq_abs(r1, r1), r1)));
    if (fmpz_sgn(disc) > 0 && fmpz_is_square(disc))
    {
        fmpz_sqrt(disc, disc);
        fmpz_neg(b, b);
        fmpz_sub(c, b, disc);
        fmpq_set_fmpz_frac(r1, c, two_a);
        fmpz_add(c, b, disc);
        fmpq_set_fmpz_frac(r2, c, two_a);
        if (fmpq_cmp(r1, r2) > 0)
        {
            fmpq_swap(r1, r2);
        }
        if (search->domain->lower_infinite || search->domain->upper_infinite
            || fmpq_cmp(search->domain->lower, r1) < 0 || fmpq_cmp(search->domain->upper, r2) > 0)
        {
            search->why = "the cometric is a squared quadratic and the domain is not between its roots";
        }
        else
        {
            /* ds = dz/(k (z - r1)(r2 - z)): s = log((z - r1)/(r2 - z))/(k (r2 - r1)) */
            lower = caustic_number(pool, r1);
            upper = caustic_number(pool, r2);
            length = caustic_sub(pool, upper, lower);
            root = caustic_mul(pool, root, length);
            e = caustic_div(pool, caustic_sub(pool, search->z, lower), caustic_sub(pool, upper, search->z));
            search->map = caustic_div(pool, caustic_function(pool, CAUSTIC_OP_LOG, e), root);
            e = caustic_function(pool, CAUSTIC_OP_SIGMOID, caustic_mul(pool, root, search->s));
            search->inverse = caustic_add(pool, lower, caustic_mul(pool, length, e));
        }
    }
    else if (fmpz_sgn(disc) < 0)
    {
        /* c ((z - m)^2 + d^2): s = atan((z - m)/d)/(k d), an image of finite length. */
        fmpz_neg(disc, disc);
        fmpz_neg(b, b);
        fmpq_set_fmpz_frac(r1, b, two_a);
        fmpq_set_fmpz_frac(r2, disc, two_a);
        fmpq_div_fmpz(r2, r2, two_a);
        length = caustic_sqrt(pool, caustic_number(pool, r2));
        e = caustic_div(pool, caustic_sub(pool, search->z, caustic_number(pool, r1)), length);
        root = caustic_mul(pool, root, length);
        search->map = caustic_div(pool, caustic_function(pool, CAUSTIC_OP_ATAN, e), root);
        e = caustic_function(pool, CAUSTIC_OP_TAN, caustic_mul(pool, root, search->s));
        search->inverse = caustic_add(pool, caustic_number(pool, r1), caustic_mul(pool, length, e));
    }
    else
    {
        search->why = "the cometric is a squared quadratic with irrational roots";
    }
    fmpz_clear(a);
    fmpz_clear(b);
    fmpz_clear(c);
    fmpz_clear(disc);
    fmpz_clear(two_a);
    fmpq_clear(r1);
    fmpq_clear(r2);
}

/* The polynomial cases. */
static void
search_polynomial(search_struct * search, const fmpz_poly_t numerator, const fmpz_t denominator)
{
    fmpz_poly_factor_t factors;
    slong degree = fmpz_poly_degree(numerator);

    fmpz_poly_factor_init(factors);
    if (degree == 2)
    {
        search_quadratic(search, numerator, denominator);
    }
    else if (degree == 4)
    {
        /* k q^2: as a squarefree power (q irreducible or a product of two lines). */
        fmpz_poly_factor_squarefree(factors, numerator);
        if (factors->num == 1 && factors->exp[0] == 2 && fmpz_poly_degree(factors->p + 0) == 2
            && fmpz_sgn(&factors->c) > 0)
        {
            search_squared_quadratic(search, factors->p + 0, &factors->c, denominator);
        }
    }
    fmpz_poly_factor_clear(factors);
}

/* Looks for s = int dz/sqrt(g). */
static void
search_map(search_struct * search)
{
    gr_ctx_t ctx;
    gr_ptr g, derivative, ratio;
    fmpz_poly_t p, q;
    fmpz_t denominator;
    truth_t constant = T_UNKNOWN;
    int status;

    search->why = "1/sqrt of the cometric has no antiderivative among the forms known here";
    fmpz_poly_init(p);
    fmpz_poly_init(q);
    fmpz_init(denominator);
    caustic_field_ctx_init(ctx, search->pool, &search->z, search->domain, 1);
    GR_TMP_INIT3(g, derivative, ratio, ctx);
    status = caustic_field_set_expr(g, search->cometric, ctx);
    status |= caustic_field_derivative(derivative, g, 0, ctx);
    if (status == GR_SUCCESS)
    {
        constant = caustic_field_is_zero(derivative, NULL, ctx);
    }
    if (constant == T_TRUE)
    {
        search_constant(search);
    }
    else if (constant == T_FALSE)
    {
        if (gr_div(ratio, g, derivative, ctx) == GR_SUCCESS
            && caustic_field_get_fmpz_poly_q(p, q, ratio, 0, ctx) && fmpz_poly_degree(p) == 1
            && fmpz_poly_degree(q) == 0)
        {
            fmpz_poly_get_coeff_fmpz(denominator, q, 0);
            search_power(search, p, denominator);
        }
        else if (caustic_field_get_fmpz_poly_q(p, q, g, 0, ctx) && fmpz_poly_degree(q) == 0)
        {
            fmpz_poly_get_coeff_fmpz(denominator, q, 0);
            search_polynomial(search, p, denominator);
        }
    }
    GR_TMP_CLEAR3(g, derivative, ratio, ctx);
    gr_ctx_clear(ctx);
    fmpz_clear(denominator);
    fmpz_poly_clear(p);
    fmpz_poly_clear(q);
}

/* The inverse of one unary operation: x with op(x) = y. */
static caustic_expr
inverse_function(caustic_pool * pool, caustic_op op, caustic_expr y)
{
    caustic_expr one = caustic_integer(pool, 1), e;

    switch (op)
    {
        case CAUSTIC_OP_EXP: return caustic_function(pool, CAUSTIC_OP_LOG, y);
        case CAUSTIC_OP_LOG: return caustic_function(pool, CAUSTIC_OP_EXP, y);
        case CAUSTIC_OP_ATAN: return caustic_function(pool, CAUSTIC_OP_TAN, y);
        case CAUSTIC_OP_TAN: return caustic_function(pool, CAUSTIC_OP_ATAN, y);
        case CAUSTIC_OP_SIGMOID:
            e = caustic_div(pool, y, caustic_sub(pool, one, y));
            return caustic_function(pool, CAUSTIC_OP_LOG, e);
        case CAUSTIC_OP_SOFTPLUS:
            e = caustic_sub(pool, caustic_function(pool, CAUSTIC_OP_EXP, y), one);
            return caustic_function(pool, CAUSTIC_OP_LOG, e);
        case CAUSTIC_OP_TANH:
            e = caustic_div(pool, caustic_add(pool, one, y), caustic_sub(pool, one, y));
            e = caustic_function(pool, CAUSTIC_OP_LOG, e);
            return caustic_div(pool, e, caustic_integer(pool, 2));
        case CAUSTIC_OP_SINH:
            e = caustic_sqrt(pool, caustic_add(pool, caustic_power_si(pool, y, 2), one));
            return caustic_function(pool, CAUSTIC_OP_LOG, caustic_add(pool, y, e));
        default:
            return CAUSTIC_NONE;
    }
}

/* Solves map(z) = s for z by peeling operations while z occurs in one operand only. A candidate:
   whether it is the inverse is proved afterwards. */
static caustic_expr
peel(caustic_pool * pool, caustic_expr map, caustic_expr z, caustic_expr s)
{
    caustic_expr e = map, y = s, child, next;
    fmpq_t exponent;
    slong i, arity;

    fmpq_init(exponent);
    while (y != CAUSTIC_NONE && e != z)
    {
        arity = caustic_expr_arity(pool, e);
        next = CAUSTIC_NONE;
        for (i = 0; i < arity && y != CAUSTIC_NONE; i++)
        {
            child = caustic_expr_child(pool, e, i);
            if (!caustic_expr_depends(pool, child, z))
            {
                y = caustic_expr_op(pool, e) == CAUSTIC_OP_SUM ? caustic_sub(pool, y, child)
                    : caustic_div(pool, y, child);
            }
            else if (next == CAUSTIC_NONE)
            {
                next = child;
            }
            else
            {
                y = CAUSTIC_NONE; /* z in two operands */
            }
        }
        if (next == CAUSTIC_NONE)
        {
            y = CAUSTIC_NONE;
        }
        else if (y != CAUSTIC_NONE && arity == 1)
        {
            if (caustic_expr_op(pool, e) == CAUSTIC_OP_POWER)
            {
                fmpq_inv(exponent, caustic_expr_fmpq(pool, e));
                y = caustic_power(pool, y, exponent);
            }
            else
            {
                y = inverse_function(pool, caustic_expr_op(pool, e), y);
            }
        }
        e = next;
    }
    fmpq_clear(exponent);
    return y;
}

/* Proofs ***************************************************************************************/

/* Whether e, a function of `symbol` on the domain, is identically zero. */
static truth_t
identically_zero(caustic_text_t witness_text, caustic_pool * pool, caustic_expr e,
    caustic_expr symbol, const caustic_interval_t domain)
{
    gr_ctx_t ctx;
    gr_ptr x;
    caustic_witness_t witness;
    truth_t zero = T_UNKNOWN;

    if (e == CAUSTIC_NONE)
    {
        return T_UNKNOWN;
    }
    caustic_witness_init(witness, 1);
    caustic_field_ctx_init(ctx, pool, &symbol, domain, 1);
    GR_TMP_INIT(x, ctx);
    if (caustic_field_set_expr(x, e, ctx) == GR_SUCCESS)
    {
        zero = caustic_field_is_zero(x, witness, ctx);
        if (zero == T_FALSE)
        {
            caustic_witness_print(witness_text, witness, ctx);
        }
    }
    GR_TMP_CLEAR(x, ctx);
    gr_ctx_clear(ctx);
    caustic_witness_clear(witness);
    return zero;
}

static caustic_verdict
check_identity(caustic_checks_t checks, const char * name, const char * statement,
    caustic_pool * pool, caustic_expr difference, caustic_expr symbol, const caustic_interval_t domain)
{
    caustic_text_t text;
    caustic_verdict verdict = CAUSTIC_UNDECIDED;

    caustic_text_init(text);
    switch (identically_zero(text, pool, difference, symbol, domain))
    {
        case T_TRUE:
            verdict = CAUSTIC_PROVED;
            caustic_checks_add(checks, name, verdict, "%s, identically in the exact field", statement);
            break;
        case T_FALSE:
            verdict = CAUSTIC_REFUTED;
            caustic_checks_add(checks, name, verdict, "not %s: at %s", statement, text->data);
            break;
        default:
            caustic_checks_add(checks, name, verdict,
                "the exact field could not decide whether %s", statement);
    }
    caustic_text_clear(text);
    return verdict;
}

static void
print_range(caustic_text_t out, const range_t range)
{
    arb_t end;

    arb_init(end);
    arb_set_arf(end, range->lower);
    caustic_text_append(out, "(");
    caustic_print_lower(out, end, 6);
    caustic_text_append(out, ", ");
    arb_set_arf(end, range->upper);
    caustic_print_upper(out, end, 6);
    caustic_text_append(out, ")");
    arb_clear(end);
}

/* The part of the domain below (side < 0) or above a point inside it. */
static void
half_domain(range_t half, const caustic_interval_t domain, int side)
{
    range_t whole;
    arf_t point;

    range_init(whole);
    arf_init(point);
    range_set_interval(whole, domain);
    if (arf_is_finite(whole->lower) && arf_is_finite(whole->upper))
    {
        arf_add(point, whole->lower, whole->upper, 64, ARF_RND_NEAR);
        arf_mul_2exp_si(point, point, -1);
    }
    else if (arf_is_finite(whole->lower))
    {
        arf_add_ui(point, whole->lower, 1, 64, ARF_RND_CEIL);
    }
    else if (arf_is_finite(whole->upper))
    {
        arf_sub_ui(point, whole->upper, 1, 64, ARF_RND_FLOOR);
    }
    range_set_interval(half, domain);
    if (side < 0)
    {
        arf_set(half->upper, point);
        half->upper_strict = 1;
    }
    else
    {
        arf_set(half->lower, point);
        half->lower_strict = 1;
    }
    arf_clear(point);
    range_clear(whole);
}

/* Whether e > 0 at every point of the open domain, by its form. */
static int
positive_on(caustic_pool * pool, caustic_expr e, caustic_expr symbol, const caustic_interval_t domain)
{
    gr_ctx_t ctx;
    gr_ptr x;
    range_t input, range;
    int positive;

    range_init(input);
    range_init(range);
    range_set_interval(input, domain);
    positive = range_of_expression(range, pool, e, symbol, input)
        && (arf_sgn(range->lower) > 0 || (arf_is_zero(range->lower) && range->lower_strict));
    if (!positive)
    {
        caustic_field_ctx_init(ctx, pool, &symbol, domain, 1);
        GR_TMP_INIT(x, ctx);
        positive = caustic_field_set_expr(x, e, ctx) == GR_SUCCESS
            && caustic_field_sign(x, ctx) == CAUSTIC_SIGN_POSITIVE;
        GR_TMP_CLEAR(x, ctx);
        gr_ctx_clear(ctx);
    }
    range_clear(range);
    range_clear(input);
    return positive;
}

/* [HEAT-5] The inverse maps `whole`, an open interval, into the domain, isometrically: it is continuous there,
   its values lie in the domain, its derivative squared is g of it, and g > 0. */
static int
inverse_is_isometry(caustic_pool * pool, const caustic_flattening_t flattening,
    const caustic_interval_t domain, caustic_expr cometric, const caustic_interval_t whole)
{
    range_t line, range;
    caustic_text_t text;
    caustic_expr e;
    int proved;

    range_init(line);
    range_init(range);
    range_set_interval(line, whole);
    caustic_text_init(text);
    proved = range_of_expression(range, pool, flattening->inverse, flattening->s, line)
        && range_inside(range, domain) && positive_on(pool, cometric, flattening->z, domain);
    if (proved)
    {
        e = caustic_derivative(pool, flattening->inverse, flattening->s);
        e = caustic_sub(pool, caustic_power_si(pool, e, 2),
            caustic_substitute(pool, cometric, &flattening->z, &flattening->inverse, 1));
        proved = identically_zero(text, pool, e, flattening->s, whole) == T_TRUE;
    }
    caustic_text_clear(text);
    range_clear(range);
    range_clear(line);
    return proved;
}

/* [HEAT-5] The line is incomplete, so it is not all of R, if s stays bounded towards an end. */
static void
check_onto(caustic_flattening_t result, caustic_pool * pool, const caustic_interval_t domain,
    caustic_expr cometric, int isometric, int inverse_proved)
{
    range_t input, range;
    caustic_interval_t line;
    caustic_text_t text;
    int side, bounded = 0;

    range_init(input);
    range_init(range);
    caustic_interval_init(line);
    caustic_text_init(text);
    if (isometric && inverse_proved && inverse_is_isometry(pool, result, domain, cometric, line))
    {
        result->onto = 1;
        caustic_checks_add(result->checks, "onto", CAUSTIC_PROVED,
            "z(s) is continuous on the whole line, lies in the domain, and z'(s)^2 = g(z(s)) > 0");
    }
    else
    {
        for (side = -1; side <= 1 && isometric && !bounded; side += 2)
        {
            half_domain(input, domain, side);
            bounded = range_of_expression(range, pool, result->map, result->z, input)
                && arf_is_finite(range->lower) && arf_is_finite(range->upper);
        }
        if (bounded)
        {
            caustic_text_append(text, "towards one end of the domain s stays within ");
            print_range(text, range);
            range_set_interval(input, domain);
            if (range_of_expression(range, pool, result->map, result->z, input))
            {
                caustic_text_append(text, "; the image lies in ");
                print_range(text, range);
            }
            caustic_checks_add(result->checks, "onto", CAUSTIC_REFUTED,
                "%s: not the whole line, so the Gaussian is not its kernel", text->data);
        }
        else
        {
            caustic_checks_add(result->checks, "onto", CAUSTIC_UNDECIDED,
                "lacking: a proved inverse, defined on the whole line with values in the domain");
        }
    }
    caustic_text_clear(text);
    caustic_interval_clear(line);
    range_clear(input);
    range_clear(range);
}

/* The inverse of a given map: by peeling, or from the map found here when the two differ by a sign
   and a constant. */
static caustic_expr
inverse_candidate(search_struct * search, caustic_expr given)
{
    caustic_pool * pool = search->pool;
    caustic_expr inverse, shift, e;
    caustic_text_t text;
    int sign;

    inverse = peel(pool, given, search->z, search->s);
    caustic_text_init(text);
    for (sign = 1; sign >= -1 && inverse == CAUSTIC_NONE && search->map != CAUSTIC_NONE; sign -= 2)
    {
        e = sign > 0 ? search->map : caustic_neg(pool, search->map);
        shift = caustic_sub(pool, given, e);
        if (identically_zero(text, pool, caustic_derivative(pool, shift, search->z), search->z,
            search->domain) == T_TRUE)
        {
            gr_ctx_t ctx;
            gr_ptr x;

            caustic_field_ctx_init(ctx, pool, &search->z, search->domain, 1);
            GR_TMP_INIT(x, ctx);
            if (caustic_field_set_expr(x, shift, ctx) == GR_SUCCESS)
            {
                shift = caustic_field_get_expr(x, ctx);
            }
            GR_TMP_CLEAR(x, ctx);
            gr_ctx_clear(ctx);
            if (!caustic_expr_depends(pool, shift, search->z))
            {
                e = caustic_sub(pool, search->s, shift);
                e = sign > 0 ? e : caustic_neg(pool, e);
                inverse = caustic_substitute(pool, search->inverse, &search->s, &e, 1);
            }
        }
    }
    caustic_text_clear(text);
    return inverse;
}

/* Whether the map is defined and analytic on the whole domain: what an identity in the field forgets. */
static int
check_defined(caustic_flattening_t result, caustic_pool * pool, const caustic_interval_t domain)
{
    caustic_text_t why;
    truth_t smooth;
    gr_ctx_t ctx;

    caustic_text_init(why);
    caustic_field_ctx_init(ctx, pool, &result->z, domain, 1);
    smooth = caustic_field_is_smooth(why, result->map, NULL, 0, 0, ctx);
    if (smooth != T_TRUE)
    {
        caustic_checks_add(result->checks, "defined", smooth == T_FALSE ? CAUSTIC_REFUTED : CAUSTIC_UNDECIDED,
            "the flat coordinate is not proved smooth on the whole domain: %s", why->data);
    }
    gr_ctx_clear(ctx);
    caustic_text_clear(why);
    return smooth == T_TRUE;
}

caustic_result
caustic_flatten(caustic_flattening_t result, caustic_pool * pool, caustic_expr z,
    const caustic_interval_t domain, caustic_expr cometric, caustic_expr drift, caustic_expr given)
{
    search_struct search;
    caustic_expr first, second, e;
    caustic_verdict isometry, inverse;

    search.pool = pool;
    search.z = z;
    search.s = caustic_symbol(pool, FLAT_NAME);
    search.domain = domain;
    search.cometric = cometric;
    search.map = search.inverse = CAUSTIC_NONE;
    search.why = "";
    search_map(&search);

    result->z = z;
    result->s = search.s;
    result->onto = result->driftless = 0;
    if (given != CAUSTIC_NONE)
    {
        result->map = given;
        result->inverse = inverse_candidate(&search, given);
    }
    else
    {
        result->map = search.map;
        result->inverse = search.inverse;
    }
    if (result->map == CAUSTIC_NONE)
    {
        caustic_checks_add(result->checks, "isometry", CAUSTIC_UNDECIDED, "no flat coordinate: %s",
            search.why);
        return CAUSTIC_UNSUPPORTED;
    }
    /* Our own maps are defined where their pattern is: an asinh says so to us, not to the field. */
    if (result->map != search.map && !check_defined(result, pool, domain))
    {
        return CAUSTIC_OK;
    }

    first = caustic_derivative(pool, result->map, z);
    second = caustic_derivative(pool, first, z);
    e = caustic_mul(pool, cometric, caustic_power_si(pool, first, 2));
    e = caustic_sub(pool, e, caustic_integer(pool, 1));
    isometry = check_identity(result->checks, "isometry", "g s'^2 = 1", pool, e, z, domain);
    e = caustic_mul(pool, cometric, second);
    e = caustic_add(pool, e, caustic_mul(pool, drift, first));
    result->driftless = check_identity(result->checks, "drift", "g s'' + b s' = 0", pool, e, z, domain)
        == CAUSTIC_PROVED;
    inverse = CAUSTIC_UNDECIDED;
    if (result->inverse == CAUSTIC_NONE)
    {
        caustic_checks_add(result->checks, "inverse", CAUSTIC_UNDECIDED,
            "no elementary inverse of the flat coordinate was found");
    }
    else
    {
        e = caustic_substitute(pool, result->inverse, &result->s, &result->map, 1);
        inverse = check_identity(result->checks, "inverse", "z(s(z)) = z", pool,
            caustic_sub(pool, e, z), z, domain);
    }
    check_onto(result, pool, domain, cometric, isometry == CAUSTIC_PROVED, inverse == CAUSTIC_PROVED);
    return CAUSTIC_OK;
}

/* The half line ******************************************************************************/

/* r (g r'' + b r') + 1 where that is a rational number. */
static int
bessel_dimension(fmpq_t n, caustic_pool * pool, caustic_expr map, caustic_expr z, const caustic_interval_t domain,
    caustic_expr cometric, caustic_expr drift)
{
    caustic_expr first = caustic_derivative(pool, map, z), second = caustic_derivative(pool, first, z);
    caustic_expr e = caustic_add(pool, caustic_mul(pool, cometric, second), caustic_mul(pool, drift, first));
    gr_ctx_t ctx;
    gr_ptr x, slope;
    int found;

    e = caustic_add(pool, caustic_mul(pool, map, e), caustic_integer(pool, 1));
    caustic_field_ctx_init(ctx, pool, &z, domain, 1);
    GR_TMP_INIT2(x, slope, ctx);
    found = e != CAUSTIC_NONE && caustic_field_set_expr(x, e, ctx) == GR_SUCCESS
        && caustic_field_derivative(slope, x, 0, ctx) == GR_SUCCESS && caustic_field_is_zero(slope, NULL, ctx) == T_TRUE;
    if (found)
    {
        e = caustic_field_get_expr(x, ctx);
        found = caustic_expr_op(pool, e) == CAUSTIC_OP_NUMBER;
        if (found)
            fmpq_set(n, caustic_expr_fmpq(pool, e));
    }
    GR_TMP_CLEAR2(x, slope, ctx);
    gr_ctx_clear(ctx);
    return found;
}

/* [HEAT-55] L r = (n - 1)/r with n >= 1. */
static void
check_bessel(caustic_flattening_t result, caustic_pool * pool, const caustic_interval_t domain, caustic_expr cometric,
    caustic_expr drift)
{
    fmpq_t n;

    fmpq_init(n);
    if (!bessel_dimension(n, pool, result->map, result->z, domain, cometric, drift))
        caustic_checks_add(result->checks, "drift", CAUSTIC_UNDECIDED, "r L r is not seen to be a rational number");
    else if (fmpq_cmp_si(n, 1) < 0)
        caustic_checks_add(result->checks, "drift", CAUSTIC_REFUTED, "r L r is a number below 0: the Bessel operator has n < 1, and more"
            " than one kernel");
    else
    {
        char * text = fmpq_get_str(NULL, 10, n);

        fmpq_set(result->dimension, n);
        caustic_checks_add(result->checks, "drift", CAUSTIC_PROVED, "L r = (n - 1)/r with n = %s, identically in the exact field", text);
        flint_free(text);
    }
    fmpq_clear(n);
}

/* [HEAT-55] r > 0 on the domain, and its inverse maps (0, inf) into the domain, isometrically. */
static void
check_half_line(caustic_flattening_t result, caustic_pool * pool, const caustic_interval_t domain, caustic_expr cometric)
{
    caustic_interval_t half;

    caustic_interval_init(half);
    half->lower_infinite = half->lower_closed = 0;
    if (positive_on(pool, result->map, result->z, domain) && inverse_is_isometry(pool, result, domain, cometric, half))
        caustic_checks_add(result->checks, "onto", CAUSTIC_PROVED,
            "r > 0, and z(r) is continuous on (0, inf), lies in the domain, and z'(r)^2 = g(z(r)) > 0");
    else
        caustic_checks_add(result->checks, "onto", CAUSTIC_UNDECIDED, "r is not proved to map the domain onto (0, inf)");
    caustic_interval_clear(half);
}

caustic_result
caustic_flatten_radial(caustic_flattening_t result, caustic_pool * pool, caustic_expr z, const caustic_interval_t domain,
    caustic_expr cometric, caustic_expr drift, caustic_expr given)
{
    search_struct search;
    caustic_expr slope, e;

    search.pool = pool;
    search.z = z;
    search.s = caustic_symbol(pool, FLAT_NAME);
    search.domain = domain;
    search.cometric = cometric;
    search.map = search.inverse = CAUSTIC_NONE;
    search.why = "";
    search_map(&search);
    /* the sign of what was found does not matter to it */
    if (search.map != CAUSTIC_NONE && !positive_on(pool, search.map, z, domain))
    {
        e = caustic_neg(pool, search.s);
        search.map = caustic_neg(pool, search.map);
        search.inverse = caustic_substitute(pool, search.inverse, &search.s, &e, 1);
    }
    result->z = z;
    result->s = search.s;
    result->map = given != CAUSTIC_NONE ? given : search.map;
    result->inverse = given != CAUSTIC_NONE ? inverse_candidate(&search, given) : search.inverse;
    if (result->map == CAUSTIC_NONE || result->inverse == CAUSTIC_NONE)
    {
        caustic_checks_add(result->checks, "isometry", CAUSTIC_UNDECIDED, result->map == CAUSTIC_NONE
            ? "no radial coordinate was found" : "no elementary inverse of the radial coordinate was found");
        return CAUSTIC_UNSUPPORTED;
    }
    if (result->map != search.map && !check_defined(result, pool, domain))
        return CAUSTIC_OK;
    slope = caustic_derivative(pool, result->map, z);
    e = caustic_mul(pool, cometric, caustic_power_si(pool, slope, 2));
    check_identity(result->checks, "isometry", "g r'^2 = 1", pool, caustic_sub(pool, e, caustic_integer(pool, 1)), z, domain);
    check_bessel(result, pool, domain, cometric, drift);
    e = caustic_substitute(pool, result->inverse, &result->s, &result->map, 1);
    check_identity(result->checks, "inverse", "z(r(z)) = z", pool, caustic_sub(pool, e, z), z, domain);
    check_half_line(result, pool, domain, cometric);
    return CAUSTIC_OK;
}
