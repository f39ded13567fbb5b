/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Shorter expressions: what is left over when a section is put into a loss, such as the length
    sqrt(4*z^2/(z^2 + 1)^2 + (z^2 - 1)^2/(z^2 + 1)^2) of a unit vector, which is 1.
*/

#include "field_internal.h"

#define SHORTEN_NODES 400 /* larger expressions are left as they are */

static int
is_algebraic(const caustic_pool * pool, caustic_expr e)
{
    caustic_op op = caustic_expr_op(pool, e);

    if (op != CAUSTIC_OP_NUMBER && op != CAUSTIC_OP_SYMBOL && op != CAUSTIC_OP_SUM && op != CAUSTIC_OP_PRODUCT
        && op != CAUSTIC_OP_POWER)
        return 0;
    for (slong i = 0; i < caustic_expr_arity(pool, e); i++)
        if (!is_algebraic(pool, caustic_expr_child(pool, e, i)))
            return 0;
    return 1;
}

static caustic_expr
reduced(caustic_expr e, gr_ctx_struct * ctx)
{
    caustic_pool * pool = caustic_field_pool(ctx);
    slong nodes = caustic_expr_nodes(pool, e);
    gr_ptr x;

    if (nodes > SHORTEN_NODES || caustic_expr_arity(pool, e) == 0 || !is_algebraic(pool, e))
        return e;

    GR_TMP_INIT(x, ctx);
    if (caustic_field_set_expr(x, e, ctx) == GR_SUCCESS)
    {
        caustic_expr candidate = caustic_field_get_expr(x, ctx);

        if (candidate != CAUSTIC_NONE && caustic_expr_nodes(pool, candidate) < nodes)
            e = candidate;
    }
    GR_TMP_CLEAR(x, ctx);
    return e;
}

static caustic_expr
shorten_node(caustic_pool * pool, caustic_expr e, void * field)
{
    caustic_op op = caustic_expr_op(pool, e);
    caustic_expr child;
    const fmpq * exponent;

    if (caustic_expr_arity(pool, e) == 0 || op == CAUSTIC_OP_SUM || op == CAUSTIC_OP_PRODUCT)
        return e;

    child = reduced(caustic_expr_child(pool, e, 0), field);
    if (op != CAUSTIC_OP_POWER)
        return caustic_function(pool, op, child);

    exponent = caustic_expr_fmpq(pool, e);
    e = caustic_power(pool, child, exponent);
    return fmpz_is_one(fmpq_denref(exponent)) ? e : reduced(e, field);
}

caustic_expr
caustic_field_shorten(caustic_expr e, gr_ctx_t ctx)
{
    caustic_expr shorter = caustic_rewrite(caustic_field_pool(ctx), e, shorten_node, ctx);

    return shorter == CAUSTIC_NONE ? e : shorter;
}
