/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Expressions as growth sums, from those of their symbols. [SHOCK-16]
*/

#include "growth.h"

/* Larger expressions are not tried. */
#define NODES_LIMIT 4000

static void
set_symbol(growth_t res, caustic_expr e, const caustic_expr * symbol, const growth_struct * at, slong symbols,
    const growth_domain * domain)
{
    for (slong i = 0; i < symbols; i++)
        if (e == symbol[i])
        {
            growth_add(res, res, at + i, domain);
            return;
        }
    growth_unknown(res);
}

static void
enclose_node(growth_t res, growth_struct * values, caustic_expr e, const caustic_expr * symbol, const growth_struct * at,
    slong symbols, const growth_domain * domain)
{
    const caustic_pool * pool = domain->pool;
    caustic_op op = caustic_expr_op(pool, e);
    caustic_expr child = caustic_expr_arity(pool, e) > 0 ? caustic_expr_child(pool, e, 0) : CAUSTIC_NONE;
    arb_t pi;

    switch (op)
    {
        case CAUSTIC_OP_NUMBER:
            growth_set_fmpq(res, caustic_expr_fmpq(pool, e));
            break;
        case CAUSTIC_OP_SYMBOL:
            set_symbol(res, e, symbol, at, symbols, domain);
            break;
        case CAUSTIC_OP_PI:
            arb_init(pi);
            arb_const_pi(pi, domain->prec);
            growth_set_constant(res, pi);
            arb_clear(pi);
            break;
        case CAUSTIC_OP_SUM:
            for (slong i = 0; i < caustic_expr_arity(pool, e); i++)
                growth_add(res, res, values + caustic_expr_child(pool, e, i), domain);
            break;
        case CAUSTIC_OP_PRODUCT:
            growth_set_power(res, 1, 0);
            for (slong i = 0; i < caustic_expr_arity(pool, e); i++)
                growth_mul(res, res, values + caustic_expr_child(pool, e, i), domain);
            break;
        case CAUSTIC_OP_POWER:
            growth_rational_power(res, values + child, caustic_expr_fmpq(pool, e), domain);
            break;
        default:
            growth_function(res, op, values + child, domain);
            break;
    }
}

/* Children have smaller handles than their parents. */
void
growth_enclose(growth_struct * res, const caustic_expr * roots, slong length, const caustic_expr * symbol,
    const growth_struct * at, slong symbols, const growth_domain * domain)
{
    const caustic_pool * pool = domain->pool;
    growth_struct * values;
    char * reached;
    caustic_expr top = 0;
    int small = 1;

    for (slong i = 0; i < length; i++)
        small = small && roots[i] != CAUSTIC_NONE && caustic_expr_nodes(pool, roots[i]) <= NODES_LIMIT;
    for (slong i = 0; i < length && !small; i++)
        growth_unknown(res + i);
    if (!small)
        return;
    for (slong i = 0; i < length; i++)
        top = FLINT_MAX(top, roots[i]);
    values = flint_malloc(((size_t) top + 1) * sizeof(growth_struct));
    reached = flint_calloc((size_t) top + 1, 1);
    for (slong i = 0; i < length; i++)
        reached[roots[i]] = 1;
    for (caustic_expr node = top; node > 0; node--)
        for (slong i = 0; reached[node] && i < caustic_expr_arity(pool, node); i++)
            reached[caustic_expr_child(pool, node, i)] = 1;
    for (caustic_expr node = 1; node <= top; node++)
    {
        growth_init(values + node);
        if (reached[node])
            enclose_node(values + node, values, node, symbol, at, symbols, domain);
    }
    for (slong i = 0; i < length; i++)
    {
        growth_zero(res + i);
        growth_add(res + i, res + i, values + roots[i], domain);
    }
    for (caustic_expr node = 1; node <= top; node++)
        growth_clear(values + node);
    flint_free(values);
    flint_free(reached);
}
