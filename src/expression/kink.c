/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    kink: where abs, relu and their derivatives change branch, and the branches.
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

slong
caustic_expr_branch_arguments(caustic_expr ** arguments, const caustic_pool * pool, caustic_expr e)
{
    caustic_expr * nodes;
    slong count = pool_reachable(&nodes, pool, &e, 1), length = 0;

    /* in place: what is written lies behind what is read */
    for (slong i = 0; i < count; i++)
        if (has_branches(pool_op(pool, nodes[i])))
        {
            caustic_expr argument = pool_child(pool, nodes[i]);
            slong k = 0;

            while (k < length && nodes[k] != argument)
                k++;
            nodes[k] = argument;
            length = FLINT_MAX(length, k + 1);
        }
    *arguments = nodes;
    return length;
}

/* Where the branches are chosen. */
typedef struct
{
    caustic_expr symbol;
    arb_srcptr x;
    slong prec;
    int open; /* a sign was not certain */
}
place_struct;

/* The certain sign of the argument at the place; 0: it has none. */
static int
sign_at(const caustic_pool * pool, caustic_expr argument, place_struct * place)
{
    caustic_tape * tape = caustic_tape_new(pool, &argument, 1, &place->symbol, 1);
    arb_t value;
    int sign = 0;

    arb_init(value);
    if (tape != NULL)
    {
        caustic_tape_evaluate_arb(value, tape, place->x, place->prec);
        sign = arb_is_positive(value) ? 1 : arb_is_negative(value) ? -1 : 0;
    }
    arb_clear(value);
    caustic_tape_free(tape);
    return sign;
}

static caustic_expr
branch_of(caustic_pool * pool, caustic_expr node, void * data)
{
    place_struct * place = data;
    caustic_op op = caustic_expr_op(pool, node);
    caustic_expr argument;
    int sign;

    if (!has_branches(op))
        return node;
    argument = caustic_expr_child(pool, node, 0);
    sign = sign_at(pool, argument, place);
    place->open = place->open || sign == 0;
    switch (op)
    {
        case CAUSTIC_OP_ABS: return sign > 0 ? argument : caustic_neg(pool, argument);
        case CAUSTIC_OP_RELU: return sign > 0 ? argument : caustic_integer(pool, 0);
        case CAUSTIC_OP_SIGN: return caustic_integer(pool, sign);
        default: return caustic_integer(pool, sign > 0);
    }
}

caustic_expr
caustic_expr_branch(caustic_pool * pool, caustic_expr e, caustic_expr symbol, const arb_t x, slong prec)
{
    place_struct place = {symbol, x, prec, 0};
    caustic_expr branch = caustic_rewrite(pool, e, branch_of, &place);

    return place.open ? CAUSTIC_NONE : branch;
}
