/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Between expressions and elements.
*/

#include "field_internal.h"

#define CONVERT_FACTOR_TERMS 100 /* longer polynomials are written expanded */

/* From expressions ***************************************************************************/

static int set_constant(field_element_struct * res, slong c, gr_ctx_t ctx)
{
    fmpq_t t;
    fmpq_init(t);
    fmpq_set_si(t, c, 1);
    field_set_fmpq(res, t, FIELD(ctx));
    fmpq_clear(t);
    return GR_SUCCESS;
}

/* Whether x takes a value other than 0, so that sign and step are defined somewhere. */
static int somewhere_not_zero(const field_element_struct * x, gr_ctx_t ctx)
{
    return caustic_field_is_zero(x, NULL, ctx) == T_FALSE;
}

/* |x| = sqrt(x^2) where both signs may occur, and then relu(x) = (x + |x|)/2, sign(x) = |x|/x, step(x) = (1 + |x|/x)/2.
   The root pulls out what is certified positive: |c y| = c |y| for c > 0. [FIELD-10] */
static int kinked(field_element_struct * res, caustic_op op, const field_element_struct * x, gr_ctx_t ctx)
{
    caustic_field * field = FIELD(ctx);
    field_element_t size, one;
    fmpq_t half;
    int status;
    field_element_init(size, field);
    field_element_init(one, field);
    fmpq_init(half);
    fmpq_set_si(half, 1, 2);

    status = field_abs(size, x, ctx);
    if (status == GR_SUCCESS && (op == CAUSTIC_OP_SIGN || op == CAUSTIC_OP_STEP))
    {
        status = field_div(size, size, x, ctx);
    }
    if (status == GR_SUCCESS && (op == CAUSTIC_OP_RELU || op == CAUSTIC_OP_STEP))
    {
        status = set_constant(one, 1, ctx);
        status |= field_add(size, size, op == CAUSTIC_OP_RELU ? x : one, ctx);
        status |= field_mul_fmpq(size, size, half, ctx);
    }
    if (status == GR_SUCCESS)
    {
        field_element_set(res, size, field);
    }
    field_element_clear(size, field);
    field_element_clear(one, field);
    fmpq_clear(half);
    return status;
}

void caustic_field_allow_kinks(gr_ctx_t ctx, int allow)
{
    FIELD(ctx)->kinks = allow;
}

/* abs, relu, sign, step: without a root where the sign of the argument is certain on the whole box. */
static int piecewise(field_element_struct * res, caustic_op op, const field_element_struct * x, gr_ctx_t ctx)
{
    caustic_field * field = FIELD(ctx);
    caustic_sign sign = field_element_sign(x, field);
    int continuous = op == CAUSTIC_OP_ABS || op == CAUSTIC_OP_RELU;
    if (!continuous && sign != CAUSTIC_SIGN_ZERO && !somewhere_not_zero(x, ctx))
    {
        return GR_UNABLE;
    }
    switch (sign)
    {
        case CAUSTIC_SIGN_ZERO:
            return continuous ? set_constant(res, 0, ctx) : GR_DOMAIN;
        case CAUSTIC_SIGN_POSITIVE:
        case CAUSTIC_SIGN_NONNEGATIVE:
            if (continuous)
            {
                field_element_set(res, x, field);
                return GR_SUCCESS;
            }
            return set_constant(res, 1, ctx);
        case CAUSTIC_SIGN_NEGATIVE:
        case CAUSTIC_SIGN_NONPOSITIVE:
            if (op == CAUSTIC_OP_ABS)
            {
                return field_neg(res, x, ctx);
            }
            return set_constant(res, op == CAUSTIC_OP_SIGN ? -1 : 0, ctx);
        default:
            return field->kinks ? kinked(res, op, x, ctx) : GR_UNABLE;
    }
}

/* What is made of E = exp(x). */
static int exponential_function(field_element_struct * res, caustic_op op, const field_element_struct * x, gr_ctx_t ctx)
{
    caustic_field * field = FIELD(ctx);
    int status = GR_SUCCESS;
    field_element_t e, t, one;
    fmpq_t half;
    field_element_init(e, field);
    field_element_init(t, field);
    field_element_init(one, field);
    fmpq_init(half);
    fmpq_set_si(half, 1, 2);

    status |= set_constant(one, 1, ctx);
    status |= field_exp(e, x, ctx);
    if (status == GR_SUCCESS && op == CAUSTIC_OP_TANH)
    {
        status |= field_mul(e, e, e, ctx);
    }
    if (status == GR_SUCCESS)
    {
        switch (op)
        {
            case CAUSTIC_OP_EXP:
                break;
            case CAUSTIC_OP_SIGMOID: /* E/(E + 1) */
                status |= field_add(t, e, one, ctx);
                status |= field_div(e, e, t, ctx);
                break;
            case CAUSTIC_OP_SOFTPLUS: /* log(1 + E) */
                status |= field_add(e, e, one, ctx);
                status |= field_log(e, e, ctx);
                break;
            case CAUSTIC_OP_SINH: /* (E - 1/E)/2 */
            case CAUSTIC_OP_COSH:
                status |= field_inv(t, e, ctx);
                if (status == GR_SUCCESS)
                {
                    status |= op == CAUSTIC_OP_SINH ? field_sub(e, e, t, ctx) : field_add(e, e, t, ctx);
                    status |= field_mul_fmpq(e, e, half, ctx);
                }
                break;
            case CAUSTIC_OP_TANH: /* (E^2 - 1)/(E^2 + 1) */
                status |= field_add(t, e, one, ctx);
                status |= field_sub(e, e, one, ctx);
                status |= field_div(e, e, t, ctx);
                break;
            default:
                status = GR_UNABLE;
        }
    }
    if (status == GR_SUCCESS)
    {
        field_element_set(res, e, field);
    }
    field_element_clear(e, field);
    field_element_clear(t, field);
    field_element_clear(one, field);
    fmpq_clear(half);
    return status;
}

static int trigonometric_function(field_element_struct * res, caustic_op op, const field_element_struct * x, gr_ctx_t ctx)
{
    caustic_field * field = FIELD(ctx);
    field_element_t s, c;
    int status;
    field_element_init(s, field);
    field_element_init(c, field);
    status = field_sin_cos(s, c, x, ctx);
    if (status == GR_SUCCESS)
    {
        if (op == CAUSTIC_OP_TAN)
        {
            status = field_div(res, s, c, ctx);
        }
        else
        {
            field_element_set(res, op == CAUSTIC_OP_SIN ? s : c, field);
        }
    }
    field_element_clear(s, field);
    field_element_clear(c, field);
    return status;
}

static int power(field_element_struct * res, const field_element_struct * x, const fmpq_t exponent, gr_ctx_t ctx)
{
    if (!fmpz_is_one(fmpq_denref(exponent)))
    {
        return field_power_fmpq(res, x, exponent, ctx);
    }
    if (!fmpz_fits_si(fmpq_numref(exponent)) || FLINT_ABS(fmpz_get_si(fmpq_numref(exponent))) > 100 * FIELD_EXPONENT)
    {
        return GR_UNABLE;
    }
    return field_pow_si(res, x, fmpz_get_si(fmpq_numref(exponent)), ctx);
}

static int set_symbol(field_element_struct * res, caustic_expr e, gr_ctx_t ctx)
{
    caustic_field * field = FIELD(ctx);
    slong k;
    for (k = 0; k < field->symbols_length; k++)
    {
        if (field->symbols[k] == e)
        {
            field_element_set_variable(res, k, field);
            return GR_SUCCESS;
        }
    }
    return GR_UNABLE;
}

/* The value of a node from those of its children; position[child] is the child's place in values. */
static int node_value(field_element_struct * res, caustic_expr e, const field_element_struct * values,
    const slong * position, gr_ctx_t ctx)
{
    caustic_field * field = FIELD(ctx);
    const caustic_pool * pool = field->pool;
    caustic_op op = caustic_expr_op(pool, e);
    slong arity = caustic_expr_arity(pool, e), i;
    const field_element_struct * first = arity > 0 ? values + position[caustic_expr_child(pool, e, 0)] : NULL;
    int status = GR_SUCCESS;
    switch (op)
    {
        case CAUSTIC_OP_NUMBER:
            field_set_fmpq(res, caustic_expr_fmpq(pool, e), field);
            return GR_SUCCESS;
        case CAUSTIC_OP_SYMBOL:
            return set_symbol(res, e, ctx);
        case CAUSTIC_OP_PI:
            return field_pi(res, ctx);
        case CAUSTIC_OP_SUM:
        case CAUSTIC_OP_PRODUCT:
            field_element_set(res, first, field);
            for (i = 1; i < arity && status == GR_SUCCESS; i++)
            {
                const field_element_struct * next = values + position[caustic_expr_child(pool, e, i)];
                status = op == CAUSTIC_OP_SUM ? field_add(res, res, next, ctx) : field_mul(res, res, next, ctx);
            }
            return status;
        case CAUSTIC_OP_POWER:
            return power(res, first, caustic_expr_fmpq(pool, e), ctx);
        case CAUSTIC_OP_LOG:
            return field_log(res, first, ctx);
        case CAUSTIC_OP_EXP:
        case CAUSTIC_OP_SINH:
        case CAUSTIC_OP_COSH:
        case CAUSTIC_OP_TANH:
        case CAUSTIC_OP_SIGMOID:
        case CAUSTIC_OP_SOFTPLUS:
            return exponential_function(res, op, first, ctx);
        case CAUSTIC_OP_SIN:
        case CAUSTIC_OP_COS:
        case CAUSTIC_OP_TAN:
            return trigonometric_function(res, op, first, ctx);
        case CAUSTIC_OP_ATAN:
            return field_odd_function(res, FIELD_ATAN, first, ctx);
        case CAUSTIC_OP_ERF:
            return field_odd_function(res, FIELD_ERF, first, ctx);
        case CAUSTIC_OP_ABS:
        case CAUSTIC_OP_RELU:
        case CAUSTIC_OP_SIGN:
        case CAUSTIC_OP_STEP:
            return piecewise(res, op, first, ctx);
    }
    return GR_UNABLE;
}

/* position[h] = 0 for every node h below and including e, -1 for the others; returns their number. */
static slong mark_nodes(slong * position, caustic_expr e, const caustic_pool * pool)
{
    slong count = 1, h, i;
    for (h = 0; h <= (slong) e; h++)
    {
        position[h] = -1;
    }
    position[e] = 0;
    /* children have smaller handles */
    for (h = (slong) e; h > 0; h--)
    {
        if (position[h] < 0)
        {
            continue;
        }
        for (i = 0; i < caustic_expr_arity(pool, (caustic_expr) h); i++)
        {
            caustic_expr child = caustic_expr_child(pool, (caustic_expr) h, i);
            count += position[child] < 0;
            position[child] = 0;
        }
    }
    return count;
}

int caustic_field_set_expr(gr_ptr res, caustic_expr e, gr_ctx_t ctx)
{
    caustic_field * field = FIELD(ctx);
    field_element_struct * values;
    slong * position;
    slong count, h, next = 0, i;
    int status = GR_SUCCESS;
    if (e == CAUSTIC_NONE)
    {
        return GR_DOMAIN;
    }
    position = flint_malloc(sizeof(slong) * ((slong) e + 1));
    count = mark_nodes(position, e, field->pool);
    values = flint_malloc(sizeof(field_element_struct) * count);
    for (i = 0; i < count; i++)
    {
        field_element_init(values + i, field);
    }
    for (h = 1; h <= (slong) e && status == GR_SUCCESS; h++)
    {
        if (position[h] == 0)
        {
            position[h] = next;
            status = node_value(values + next, (caustic_expr) h, values, position, ctx);
            next++;
        }
    }
    if (status == GR_SUCCESS)
    {
        field_element_set(res, values + position[e], field);
    }
    for (i = 0; i < count; i++)
    {
        field_element_clear(values + i, field);
    }
    flint_free(values);
    flint_free(position);
    return status;
}

/* To expressions *****************************************************************************/

/* Coefficient times powers of the variables, the exponentials gathered into one. */
static caustic_expr term_expression(const fmpz_t coefficient, const ulong * exponents, slong variables, caustic_field * field)
{
    caustic_pool * pool = field->pool;
    caustic_expr * factors = flint_malloc(sizeof(caustic_expr) * (variables + 2));
    caustic_expr * arguments = flint_malloc(sizeof(caustic_expr) * (variables + 1));
    caustic_expr result;
    slong length = 0, arguments_length = 0, v;
    fmpq_t c;
    fmpq_init(c);
    fmpq_set_fmpz(c, coefficient);
    if (!fmpq_is_one(c))
    {
        factors[length++] = caustic_number(pool, c);
    }
    for (v = 0; v < variables; v++)
    {
        const field_generator * g = v < field->symbols_length ? NULL : field->generators + (v - field->symbols_length);
        if (exponents[v] == 0)
        {
            continue;
        }
        fmpq_set_ui(c, exponents[v], 1);
        if (g == NULL)
        {
            factors[length++] = caustic_power(pool, field->symbols[v], c);
        }
        else if (g->kind == FIELD_POWER && field->atoms[g->atom].is_exp)
        {
            arguments[arguments_length++] = caustic_mul(pool, caustic_number(pool, c), g->expression);
        }
        else if (g->kind == FIELD_POWER)
        {
            fmpq_mul(c, c, g->unit);
            factors[length++] = caustic_power(pool, g->expression, c);
        }
        else
        {
            factors[length++] = caustic_power(pool, g->expression, c);
        }
    }
    if (arguments_length > 0)
    {
        factors[length++] = caustic_function(pool, CAUSTIC_OP_EXP,
            arguments_length == 1 ? arguments[0] : caustic_sum(pool, arguments, arguments_length));
    }
    result = length == 0 ? caustic_integer(pool, 1) : length == 1 ? factors[0] : caustic_product(pool, factors, length);
    fmpq_clear(c);
    flint_free(factors);
    flint_free(arguments);
    return result;
}

static caustic_expr expanded_expression(const fmpz_mpoly_t p, const fmpz_mpoly_ctx_t mctx, caustic_field * field)
{
    slong length = fmpz_mpoly_length(p, mctx), variables = fmpz_mpoly_ctx_nvars(mctx), i;
    caustic_expr * terms;
    caustic_expr result;
    ulong * exponents;
    fmpz_t c;
    if (length == 0)
    {
        return caustic_integer(field->pool, 0);
    }
    terms = flint_malloc(sizeof(caustic_expr) * length);
    exponents = flint_malloc(sizeof(ulong) * FLINT_MAX(variables, 1));
    fmpz_init(c);
    for (i = 0; i < length; i++)
    {
        fmpz_mpoly_get_term_coeff_fmpz(c, p, i, mctx);
        fmpz_mpoly_get_term_exp_ui(exponents, p, i, mctx);
        terms[i] = term_expression(c, exponents, FLINT_MIN(variables, field_variables(field)), field);
    }
    result = length == 1 ? terms[0] : caustic_sum(field->pool, terms, length);
    fmpz_clear(c);
    flint_free(exponents);
    flint_free(terms);
    return result;
}

/* Factored where that is shorter. */
static caustic_expr polynomial_expression(const fmpz_mpoly_t p, const fmpz_mpoly_ctx_t mctx, caustic_field * field)
{
    caustic_expr expanded = expanded_expression(p, mctx, field), factored;
    caustic_expr * parts;
    fmpz_mpoly_factor_t factors;
    slong i;
    if (fmpz_mpoly_length(p, mctx) <= 1 || fmpz_mpoly_length(p, mctx) > CONVERT_FACTOR_TERMS
        || !field_may_factor(p, mctx))
    {
        return expanded;
    }
    fmpz_mpoly_factor_init(factors, mctx);
    if (fmpz_mpoly_factor(factors, p, mctx))
    {
        fmpq_t c;
        parts = flint_malloc(sizeof(caustic_expr) * (factors->num + 1));
        fmpq_init(c);
        fmpq_set_fmpz_frac(c, factors->constant, factors->constant_den);
        parts[0] = caustic_number(field->pool, c);
        for (i = 0; i < factors->num; i++)
        {
            fmpq_set_fmpz(c, factors->exp + i);
            parts[i + 1] = caustic_power(field->pool, expanded_expression(factors->poly + i, mctx, field), c);
        }
        factored = caustic_product(field->pool, parts, factors->num + 1);
        if (caustic_expr_nodes(field->pool, factored) < caustic_expr_nodes(field->pool, expanded))
        {
            expanded = factored;
        }
        fmpq_clear(c);
        flint_free(parts);
    }
    fmpz_mpoly_factor_clear(factors, mctx);
    return expanded;
}

static caustic_expr element_expression(const field_element_struct * x, caustic_field * field)
{
    fmpz_mpoly_ctx_struct * mctx = field->levels[x->level];
    caustic_expr num = polynomial_expression(fmpz_mpoly_q_numref(x->value), mctx, field);
    if (fmpz_mpoly_is_one(fmpz_mpoly_q_denref(x->value), mctx))
    {
        return num;
    }
    return caustic_div(field->pool, num, polynomial_expression(fmpz_mpoly_q_denref(x->value), mctx, field));
}

/* Fills in the expressions of the generators in their order: each needs only earlier ones. For
   powers and exponentials that of the argument, for the others that of the value. */
static void prepare_expressions(caustic_field * field)
{
    caustic_pool * pool = field->pool;
    slong i;
    for (i = 0; i < field->generators_length; i++)
    {
        field_generator * g = field->generators + i;
        if (g->expression != CAUSTIC_NONE)
        {
            continue;
        }
        if (g->kind == FIELD_PI)
        {
            g->expression = caustic_pi(pool);
            continue;
        }
        g->expression = element_expression(g->argument, field);
        switch (g->kind)
        {
            case FIELD_LOG:
                g->expression = caustic_function(pool, CAUSTIC_OP_LOG, g->expression);
                break;
            case FIELD_COS:
                g->expression = caustic_function(pool, CAUSTIC_OP_COS, g->expression);
                break;
            case FIELD_SIN:
                g->expression = caustic_function(pool, CAUSTIC_OP_SIN, g->expression);
                break;
            case FIELD_ATAN:
                g->expression = caustic_function(pool, CAUSTIC_OP_ATAN, g->expression);
                break;
            case FIELD_ERF:
                g->expression = caustic_function(pool, CAUSTIC_OP_ERF, g->expression);
                break;
            default:
                break;
        }
    }
}

caustic_expr caustic_field_get_expr(gr_srcptr x, gr_ctx_t ctx)
{
    prepare_expressions(FIELD(ctx));
    return element_expression(x, FIELD(ctx));
}

/* Numbers and polynomials in one symbol ******************************************************/

static int uses_generators(const fmpz_mpoly_t p, const fmpz_mpoly_ctx_t mctx, const caustic_field * field)
{
    slong v;
    int used = 0;
    for (v = field->symbols_length; v < field_variables(field) && v < fmpz_mpoly_ctx_nvars(mctx); v++)
    {
        used = used || fmpz_mpoly_degree_si(p, v, mctx) > 0;
    }
    return used;
}

truth_t caustic_field_get_fmpq(fmpq_t value, gr_srcptr x, gr_ctx_t ctx)
{
    caustic_field * field = FIELD(ctx);
    const field_element_struct * e = x;
    fmpz_mpoly_ctx_struct * mctx = field->levels[e->level];
    const fmpz_mpoly_struct * num = fmpz_mpoly_q_numref(e->value);
    const fmpz_mpoly_struct * den = fmpz_mpoly_q_denref(e->value);
    if (fmpz_mpoly_is_fmpz(num, mctx) && fmpz_mpoly_is_fmpz(den, mctx))
    {
        fmpz_mpoly_get_fmpz(fmpq_numref(value), num, mctx);
        fmpz_mpoly_get_fmpz(fmpq_denref(value), den, mctx);
        fmpq_canonicalise(value);
        return T_TRUE;
    }
    return uses_generators(num, mctx, field) || uses_generators(den, mctx, field) ? T_UNKNOWN : T_FALSE;
}

int caustic_field_get_fmpz_poly_q(fmpz_poly_t numerator, fmpz_poly_t denominator, gr_srcptr x,
    slong symbol, gr_ctx_t ctx)
{
    const field_element_struct * e = x;
    fmpz_mpoly_ctx_struct * mctx = FIELD(ctx)->levels[e->level];
    const fmpz_mpoly_struct * num = fmpz_mpoly_q_numref(e->value);
    const fmpz_mpoly_struct * den = fmpz_mpoly_q_denref(e->value);
    return fmpz_mpoly_is_fmpz_poly(num, symbol, mctx) && fmpz_mpoly_is_fmpz_poly(den, symbol, mctx)
        && fmpz_mpoly_get_fmpz_poly(numerator, num, symbol, mctx)
        && fmpz_mpoly_get_fmpz_poly(denominator, den, symbol, mctx);
}

caustic_expr
caustic_lowest_terms(caustic_pool * pool, caustic_expr e, caustic_expr symbol, const caustic_interval_t domain)
{
    caustic_expr res = CAUSTIC_NONE;
    gr_ctx_t ctx;
    gr_ptr x;

    caustic_field_ctx_init(ctx, pool, &symbol, domain, 1);
    GR_TMP_INIT(x, ctx);
    if (e != CAUSTIC_NONE && caustic_field_set_expr(x, e, ctx) == GR_SUCCESS)
        res = caustic_field_get_expr(x, ctx);
    GR_TMP_CLEAR(x, ctx);
    gr_ctx_clear(ctx);
    return res;
}
