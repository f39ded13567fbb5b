/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    calculus: derivatives, substitution and rewriting, one pass over the nodes each.
*/

#include <string.h>
#include "expression/pool_internal.h"

/* Rebuilds a node from new children. */
static caustic_expr rebuild(caustic_pool * pool, caustic_expr e, const caustic_expr * children)
{
    switch (pool_op(pool, e))
    {
        case CAUSTIC_OP_NUMBER: case CAUSTIC_OP_SYMBOL: case CAUSTIC_OP_PI:
            return e;
        case CAUSTIC_OP_SUM:
            return caustic_sum(pool, children, caustic_expr_arity(pool, e));
        case CAUSTIC_OP_PRODUCT:
            return caustic_product(pool, children, caustic_expr_arity(pool, e));
        case CAUSTIC_OP_POWER:
            return caustic_power(pool, children[0], pool_get(pool, e)->value);
        default:
            return caustic_function(pool, pool_op(pool, e), children[0]);
    }
}

/* Substitution ***********************************************************************************/

/* From the leaves upwards: symbols[i] becomes values[i], what has new children is rebuilt, and rule
   (if there is one) replaces it. */
static caustic_expr
map_upwards(caustic_pool * pool, caustic_expr e, const caustic_expr * symbols, const caustic_expr * values,
    slong length, caustic_expr_rule rule, void * data)
{
    caustic_expr * nodes, * image, * children, result;
    slong i, k, count, capacity = 0;

    if (e == CAUSTIC_NONE)
        return CAUSTIC_NONE;
    count = pool_reachable(&nodes, pool, &e, 1);
    image = flint_malloc(((size_t) e + 1) * sizeof(caustic_expr)); /* only reachable places are used */
    for (i = 0; i < count; i++)
        image[nodes[i]] = nodes[i];
    for (i = 0; i < length; i++)
        if (symbols[i] <= e)
            image[symbols[i]] = values[i];

    children = NULL;
    for (i = 0; i < count; i++)
    {
        caustic_expr node = nodes[i];
        slong arity = caustic_expr_arity(pool, node);
        int changed = 0;

        if (arity == 0)
            continue;
        if (arity > capacity)
        {
            capacity = 2 * arity;
            children = flint_realloc(children, capacity * sizeof(caustic_expr));
        }
        memcpy(children, pool_children(pool, node), arity * sizeof(caustic_expr));
        for (k = 0; k < arity; k++)
        {
            changed |= image[children[k]] != children[k];
            children[k] = image[children[k]];
        }
        if (changed)
            image[node] = rebuild(pool, node, children);
        if (rule != NULL && image[node] != CAUSTIC_NONE)
            image[node] = rule(pool, image[node], data);
    }
    result = image[e];
    flint_free(nodes);
    flint_free(image);
    flint_free(children);
    return result;
}

caustic_expr
caustic_substitute(caustic_pool * pool, caustic_expr e, const caustic_expr * symbols, const caustic_expr * values,
    slong length)
{
    return map_upwards(pool, e, symbols, values, length, NULL, NULL);
}

caustic_expr
caustic_rewrite(caustic_pool * pool, caustic_expr e, caustic_expr_rule rule, void * data)
{
    return map_upwards(pool, e, NULL, NULL, 0, rule, data);
}

/* Derivatives ************************************************************************************/

/* f'(x) */
static caustic_expr function_derivative(caustic_pool * pool, caustic_op op, caustic_expr f, caustic_expr x)
{
    caustic_expr parts[3];

    switch (op)
    {
        case CAUSTIC_OP_EXP:
            return f;
        case CAUSTIC_OP_LOG:
            return caustic_power_si(pool, x, -1);
        case CAUSTIC_OP_SIN:
            return caustic_function(pool, CAUSTIC_OP_COS, x);
        case CAUSTIC_OP_COS:
            return caustic_neg(pool, caustic_function(pool, CAUSTIC_OP_SIN, x));
        case CAUSTIC_OP_TAN:
            return caustic_add(pool, caustic_integer(pool, 1), caustic_power_si(pool, f, 2));
        case CAUSTIC_OP_ATAN:
            return caustic_power_si(pool,
                caustic_add(pool, caustic_integer(pool, 1), caustic_power_si(pool, x, 2)), -1);
        case CAUSTIC_OP_SINH:
            return caustic_function(pool, CAUSTIC_OP_COSH, x);
        case CAUSTIC_OP_COSH:
            return caustic_function(pool, CAUSTIC_OP_SINH, x);
        case CAUSTIC_OP_TANH:
            return caustic_sub(pool, caustic_integer(pool, 1), caustic_power_si(pool, f, 2));
        case CAUSTIC_OP_SIGMOID: /* sigmoid(x)*sigmoid(-x): no cancellation on either side */
            return caustic_mul(pool, f, caustic_function(pool, CAUSTIC_OP_SIGMOID, caustic_neg(pool, x)));
        case CAUSTIC_OP_SOFTPLUS:
            return caustic_function(pool, CAUSTIC_OP_SIGMOID, x);
        case CAUSTIC_OP_ERF:
            parts[0] = caustic_integer(pool, 2);
            parts[1] = caustic_power_si(pool, caustic_sqrt(pool, caustic_pi(pool)), -1);
            parts[2] = caustic_function(pool, CAUSTIC_OP_EXP, caustic_neg(pool, caustic_power_si(pool, x, 2)));
            return caustic_product(pool, parts, 3);
        case CAUSTIC_OP_ABS:
            return caustic_function(pool, CAUSTIC_OP_SIGN, x);
        case CAUSTIC_OP_RELU:
            return caustic_function(pool, CAUSTIC_OP_STEP, x);
        default: /* sign and step: 0 where they are defined, which is not everywhere */
            return caustic_mul(pool, caustic_integer(pool, 0), f);
    }
}

#define PRODUCT_RULE_DIRECT 8 /* more factors than this are differentiated in halves */

/* The product rule. factors and derivatives are overwritten. */
static caustic_expr product_derivative(caustic_pool * pool, caustic_expr * factors,
    caustic_expr * derivatives, slong length, caustic_expr constant, caustic_expr zero)
{
    caustic_expr * parts, * terms, result;
    slong i, k, count = 0;

    /* Pairs (f, f') are multiplied as (f g, f' g + f g') until few are left: n log n factors in
       all instead of n^2. */
    while (length > PRODUCT_RULE_DIRECT)
    {
        for (i = 0; 2 * i < length; i++)
        {
            if (2 * i + 1 == length)
            {
                factors[i] = factors[2 * i];
                derivatives[i] = derivatives[2 * i];
                continue;
            }
            derivatives[i] = caustic_add(pool, caustic_mul(pool, derivatives[2 * i], factors[2 * i + 1]),
                caustic_mul(pool, factors[2 * i], derivatives[2 * i + 1]));
            factors[i] = caustic_mul(pool, factors[2 * i], factors[2 * i + 1]);
        }
        length = (length + 1) / 2;
    }

    parts = flint_malloc((length + 1) * sizeof(caustic_expr));
    terms = flint_malloc(FLINT_MAX(length, 1) * sizeof(caustic_expr));
    for (i = 0; i < length; i++)
    {
        if (derivatives[i] == zero)
            continue;
        for (k = 0; k < length; k++)
            parts[k] = k == i ? derivatives[k] : factors[k];
        parts[length] = constant;
        terms[count++] = caustic_product(pool, parts, length + 1);
    }
    result = caustic_sum(pool, terms, count);
    flint_free(parts);
    flint_free(terms);
    return result;
}

static caustic_expr power_derivative(caustic_pool * pool, caustic_expr e, caustic_expr base, caustic_expr inner)
{
    caustic_expr parts[3];
    fmpq_t exponent;

    fmpq_init(exponent);
    fmpq_set(exponent, pool_get(pool, e)->value);
    parts[0] = caustic_number(pool, exponent);
    fmpq_sub_si(exponent, exponent, 1);
    parts[1] = caustic_power(pool, base, exponent);
    parts[2] = inner;
    fmpq_clear(exponent);
    return caustic_product(pool, parts, 3);
}

caustic_expr caustic_derivative(caustic_pool * pool, caustic_expr e, caustic_expr symbol)
{
    caustic_expr * nodes, * d, * children = NULL, * inner = NULL, zero, result;
    slong i, k, count, capacity = 0;

    if (e == CAUSTIC_NONE || symbol == CAUSTIC_NONE)
        return CAUSTIC_NONE;
    zero = caustic_integer(pool, 0);
    count = pool_reachable(&nodes, pool, &e, 1);
    d = flint_malloc(((size_t) e + 1) * sizeof(caustic_expr)); /* only reachable places are used */

    for (i = 0; i < count; i++)
    {
        caustic_expr node = nodes[i], constant;
        caustic_op op = pool_op(pool, node);
        slong arity = caustic_expr_arity(pool, node), varying = 0;

        d[node] = zero;
        if (node == symbol)
            d[node] = caustic_integer(pool, 1);
        if (arity == 0)
            continue;
        if (arity > capacity)
        {
            capacity = 2 * arity;
            children = flint_realloc(children, capacity * sizeof(caustic_expr));
            inner = flint_realloc(inner, 2 * capacity * sizeof(caustic_expr));
        }
        memcpy(children, pool_children(pool, node), arity * sizeof(caustic_expr));

        /* Constants are set apart, so that no product of 0 with something partial arises. */
        constant = CAUSTIC_NONE;
        for (k = 0; k < arity; k++)
        {
            if (d[children[k]] != zero)
            {
                inner[varying] = d[children[k]];
                inner[capacity + varying] = children[k];
                varying++;
            }
        }
        if (varying == 0)
            continue;
        switch (op)
        {
            case CAUSTIC_OP_SUM:
                d[node] = caustic_sum(pool, inner, varying);
                break;
            case CAUSTIC_OP_PRODUCT:
                for (k = 0, arity = 0; k < caustic_expr_arity(pool, node); k++)
                    if (d[children[k]] == zero)
                        children[arity++] = children[k];
                constant = caustic_product(pool, children, arity);
                d[node] = product_derivative(pool, inner + capacity, inner, varying, constant, zero);
                break;
            case CAUSTIC_OP_POWER:
                d[node] = power_derivative(pool, node, children[0], inner[0]);
                break;
            default:
                d[node] = caustic_mul(pool, function_derivative(pool, op, node, children[0]), inner[0]);
                break;
        }
    }
    result = d[e];
    flint_free(nodes);
    flint_free(d);
    flint_free(children);
    flint_free(inner);
    return result;
}
