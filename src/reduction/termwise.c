/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Two losses compared term by term: networks over many data rows have more functions in them than one field can
    hold, but each row has few. [REDUCTION-18]
*/

#include <stdio.h>
#include "reduction_internal.h"

/* Functions of canonical arguments, each with the symbol that hides it. */
typedef struct
{
    const caustic_setting_struct * setting;
    caustic_expr * leaf;
    caustic_expr * symbol;
    slong length;
    slong capacity;
}
leaves_struct;

/* The domain of a symbol: that of the parameter, the line for a hidden function. */
static void
set_domain(caustic_interval_struct * domain, caustic_expr symbol, const caustic_setting_struct * setting)
{
    for (slong b = 0; b < setting->parameters; b++)
        if (setting->parameter[b] == symbol)
            caustic_interval_set(domain, setting->parameter_domain + b);
}

/* e in normal form, in a field of its own symbols alone; e itself where the field does not understand it. */
static caustic_expr
canonical(caustic_expr e, const caustic_setting_struct * setting)
{
    caustic_expr * symbols;
    slong length = caustic_expr_symbols(&symbols, setting->pool, e);
    caustic_interval_struct * domains = flint_malloc((size_t) FLINT_MAX(length, 1) * sizeof(caustic_interval_struct));
    gr_ctx_t ctx;
    gr_ptr x;

    for (slong i = 0; i < length; i++)
    {
        caustic_interval_init(domains + i);
        set_domain(domains + i, symbols[i], setting);
    }
    caustic_field_ctx_init(ctx, setting->pool, symbols, domains, length);
    caustic_field_allow_kinks(ctx, 1);
    GR_TMP_INIT(x, ctx);
    if (caustic_field_set_expr(x, e, ctx) == GR_SUCCESS)
        e = caustic_field_get_expr(x, ctx);
    GR_TMP_CLEAR(x, ctx);
    gr_ctx_clear(ctx);
    for (slong i = 0; i < length; i++)
        caustic_interval_clear(domains + i);
    flint_free(domains);
    flint_free(symbols);
    return e;
}

/* Functions that are hidden. Roots, exponentials and logarithms stay: they have relations. */
static int
is_hidden(const caustic_pool * pool, caustic_expr e)
{
    switch (caustic_expr_op(pool, e))
    {
        case CAUSTIC_OP_SIN: case CAUSTIC_OP_COS: case CAUSTIC_OP_TAN: case CAUSTIC_OP_ATAN: case CAUSTIC_OP_SINH:
        case CAUSTIC_OP_COSH: case CAUSTIC_OP_TANH: case CAUSTIC_OP_SIGMOID: case CAUSTIC_OP_SOFTPLUS: case CAUSTIC_OP_ERF:
        case CAUSTIC_OP_ABS: case CAUSTIC_OP_RELU:
            return 1;
        default:
            return 0;
    }
}

static slong
find_leaf(const leaves_struct * leaves, caustic_expr e)
{
    for (slong i = 0; i < leaves->length; i++)
        if (leaves->leaf[i] == e)
            return i;
    return -1;
}

/* A rule: the symbol for a function; the same one for the same function. */
static caustic_expr
hide(caustic_pool * pool, caustic_expr e, void * data)
{
    leaves_struct * leaves = data;
    char name[40];

    if (!is_hidden(pool, e))
        return e;
    if (find_leaf(leaves, e) >= 0)
        return leaves->symbol[find_leaf(leaves, e)];
    if (leaves->length == leaves->capacity)
    {
        leaves->capacity = 2 * leaves->capacity + 16;
        leaves->leaf = flint_realloc(leaves->leaf, (size_t) leaves->capacity * sizeof(caustic_expr));
        leaves->symbol = flint_realloc(leaves->symbol, (size_t) leaves->capacity * sizeof(caustic_expr));
    }
    snprintf(name, sizeof(name), "#function" WORD_FMT "d", leaves->length + 1); /* '#' is in no name of a case */
    leaves->leaf[leaves->length] = e;
    leaves->symbol[leaves->length] = caustic_symbol(pool, name);
    return leaves->symbol[leaves->length++];
}

static int
is_odd(caustic_op op)
{
    return op == CAUSTIC_OP_SIN || op == CAUSTIC_OP_TAN || op == CAUSTIC_OP_ATAN || op == CAUSTIC_OP_SINH || op == CAUSTIC_OP_TANH
        || op == CAUSTIC_OP_ERF;
}

static int
is_even(caustic_op op)
{
    return op == CAUSTIC_OP_COS || op == CAUSTIC_OP_COSH;
}

/* f(x), or what f(-x) says of it where that is hidden already. */
static caustic_expr
hide_function(caustic_pool * pool, caustic_op op, caustic_expr x, leaves_struct * leaves)
{
    caustic_expr f = caustic_function(pool, op, x), opposite = CAUSTIC_NONE;
    slong known;

    if (is_odd(op) || is_even(op))
        opposite = caustic_function(pool, op, canonical(caustic_neg(pool, x), leaves->setting));
    known = opposite == CAUSTIC_NONE ? -1 : find_leaf(leaves, opposite);
    if (known >= 0)
        return is_odd(op) ? caustic_neg(pool, leaves->symbol[known]) : leaves->symbol[known];
    return f == CAUSTIC_NONE ? f : caustic_rewrite(pool, f, hide, leaves);
}

/* A rule: a function whose argument is brought to normal form, and hidden. What is positive comes out of abs and relu. */
static caustic_expr
hide_canonical(caustic_pool * pool, caustic_expr e, void * data)
{
    leaves_struct * leaves = data;
    caustic_op op = caustic_expr_op(pool, e);

    if (!is_hidden(pool, e))
        return e;
    if (op != CAUSTIC_OP_ABS && op != CAUSTIC_OP_RELU)
        return hide_function(pool, op, canonical(caustic_expr_child(pool, e, 0), leaves->setting), leaves);
    return caustic_rewrite(pool, canonical(e, leaves->setting), hide, leaves);
}

/* The terms of a sum, each in normal form; factors that are numbers are multiplied out first. */
static caustic_expr
sum_of_terms(caustic_expr e, const caustic_setting_struct * setting)
{
    caustic_pool * pool = setting->pool;
    caustic_expr factor = caustic_integer(pool, 1), * term;
    slong arity;

    if (caustic_expr_op(pool, e) == CAUSTIC_OP_PRODUCT && caustic_expr_arity(pool, e) == 2
        && caustic_expr_op(pool, caustic_expr_child(pool, e, 0)) == CAUSTIC_OP_NUMBER)
    {
        factor = caustic_expr_child(pool, e, 0);
        e = caustic_expr_child(pool, e, 1);
    }
    if (caustic_expr_op(pool, e) != CAUSTIC_OP_SUM)
        return caustic_mul(pool, factor, canonical(e, setting));

    arity = caustic_expr_arity(pool, e);
    term = flint_malloc((size_t) arity * sizeof(caustic_expr));
    for (slong i = 0; i < arity; i++)
        term[i] = caustic_mul(pool, factor, canonical(caustic_expr_child(pool, e, i), setting));
    e = caustic_sum(pool, term, arity);
    flint_free(term);
    return e;
}

int
equal_term_by_term(caustic_expr a, caustic_expr b, const caustic_setting_t setting)
{
    caustic_pool * pool = setting->pool;
    leaves_struct leaves = {setting, NULL, NULL, 0, 0};
    caustic_expr difference;

    if (a == CAUSTIC_NONE || b == CAUSTIC_NONE)
        return 0;
    if (a == b)
        return 1;
    a = caustic_rewrite(pool, a, hide_canonical, &leaves);
    b = caustic_rewrite(pool, b, hide_canonical, &leaves);
    if (a == CAUSTIC_NONE || b == CAUSTIC_NONE)
        difference = CAUSTIC_NONE;
    else if (a == b)
        difference = caustic_integer(pool, 0);
    else
        difference = caustic_sub(pool, sum_of_terms(a, setting), sum_of_terms(b, setting));
    flint_free(leaves.leaf);
    flint_free(leaves.symbol);
    return difference != CAUSTIC_NONE && caustic_expr_op(pool, difference) == CAUSTIC_OP_NUMBER
        && fmpq_is_zero(caustic_expr_fmpq(pool, difference));
}
