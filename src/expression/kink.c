/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    kink: where abs, relu and their derivatives change branch.
*/

#include "expression/pool_internal.h"

static int
has_branches(caustic_op op)
{
    return op == CAUSTIC_OP_ABS || op == CAUSTIC_OP_RELU || op == CAUSTIC_OP_SIGN || op == CAUSTIC_OP_STEP;
}

static int
may_vanish(const caustic_pool * pool, caustic_expr argument, caustic_expr symbol, const arb_t x, slong prec)
{
    caustic_tape * tape = caustic_tape_new(pool, &argument, 1, &symbol, 1);
    arb_t value;
    int vanishes;

    if (tape == NULL)
        return 0;
    arb_init(value);
    caustic_tape_evaluate_arb(value, tape, x, prec);
    vanishes = arb_is_finite(value) && arb_contains_zero(value);
    arb_clear(value);
    caustic_tape_free(tape);
    return vanishes;
}

caustic_expr
caustic_expr_kink(const caustic_pool * pool, caustic_expr e, caustic_expr symbol, const arb_t x, slong prec)
{
    caustic_expr * nodes, kink = CAUSTIC_NONE;
    slong i, count = pool_reachable(&nodes, pool, &e, 1);

    for (i = 0; i < count && kink == CAUSTIC_NONE; i++)
        if (has_branches(pool_op(pool, nodes[i])) && may_vanish(pool, pool_child(pool, nodes[i]), symbol, x, prec))
            kink = nodes[i];
    flint_free(nodes);
    return kink;
}
