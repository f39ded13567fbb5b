/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include "expression/algebraic.h"

static int
qqbar_operate(qqbar_t res, const qqbar_t x, const qqbar_t y, int product)
{
    if (!qqbar_binop_within_limits(x, y, ALGEBRAIC_DEGREE, ALGEBRAIC_BITS))
        return 0;
    if (product)
        qqbar_mul(res, x, y);
    else
        qqbar_add(res, x, y);
    return 1;
}

static int
qqbar_power(qqbar_t res, const qqbar_t x, const fmpq_t exponent)
{
    fmpz_t weight;
    int good;

    if (qqbar_is_zero(x) && fmpq_sgn(exponent) < 0)
        return 0;
    /* the principal root of a negative number is not what a real expression means */
    if (!fmpz_is_one(fmpq_denref(exponent)) && qqbar_sgn_re(x) < 0)
        return 0;
    fmpz_init(weight);
    fmpz_mul(weight, fmpq_denref(exponent), fmpq_denref(exponent));
    fmpz_addmul(weight, fmpq_numref(exponent), fmpq_numref(exponent));
    good = fmpz_cmp_ui(weight, 32 * 32) <= 0
        && qqbar_degree(x) * fmpz_get_si(fmpq_denref(exponent)) <= ALGEBRAIC_DEGREE
        && qqbar_within_limits(x, ALGEBRAIC_DEGREE, ALGEBRAIC_BITS / 32);
    fmpz_clear(weight);
    if (good)
        qqbar_pow_fmpq(res, x, exponent);
    return good;
}

static int
qqbar_of_node(qqbar_ptr values, const slong * slot, const caustic_pool * pool, caustic_expr e, caustic_expr symbol, const qqbar_t value)
{
    caustic_op op = caustic_expr_op(pool, e);
    qqbar_ptr res = values + slot[e];
    slong i;
    int good = 1;

    if (op == CAUSTIC_OP_NUMBER)
    {
        qqbar_set_fmpq(res, caustic_expr_fmpq(pool, e));
        return 1;
    }
    if (op == CAUSTIC_OP_SYMBOL && e == symbol)
    {
        qqbar_set(res, value);
        return 1;
    }
    if (op == CAUSTIC_OP_POWER)
        return qqbar_power(res, values + slot[caustic_expr_child(pool, e, 0)], caustic_expr_fmpq(pool, e));
    if (op == CAUSTIC_OP_ABS)
    {
        qqbar_abs(res, values + slot[caustic_expr_child(pool, e, 0)]);
        return 1;
    }
    if (op != CAUSTIC_OP_SUM && op != CAUSTIC_OP_PRODUCT)
        return 0;
    qqbar_set_si(res, op == CAUSTIC_OP_PRODUCT);
    for (i = 0; i < caustic_expr_arity(pool, e) && good; i++)
        good = qqbar_operate(res, res, values + slot[caustic_expr_child(pool, e, i)], op == CAUSTIC_OP_PRODUCT);
    return good;
}

int
algebraic_of_expr(qqbar_t res, const caustic_pool * pool, caustic_expr root, caustic_expr symbol, const qqbar_t value)
{
    slong * slot = flint_calloc((size_t) root + 1, sizeof(slong));
    qqbar_ptr values;
    caustic_expr e;
    slong i, length = 1;
    int good = 1;

    slot[root] = length++;
    for (e = root; e > 0; e--)
        if (slot[e] != 0)
            for (i = 0; i < caustic_expr_arity(pool, e); i++)
                if (slot[caustic_expr_child(pool, e, i)] == 0)
                    slot[caustic_expr_child(pool, e, i)] = length++;
    values = _qqbar_vec_init(length);
    for (e = 1; e <= root && good && length <= 256; e++)
        if (slot[e] != 0)
            good = qqbar_of_node(values, slot, pool, e, symbol, value);
    good = good && length <= 256;
    if (good)
        qqbar_set(res, values + slot[root]);
    _qqbar_vec_clear(values, length);
    flint_free(slot);
    return good;
}

int
algebraic_of_constant(qqbar_t res, const caustic_pool * pool, caustic_expr root)
{
    return algebraic_of_expr(res, pool, root, CAUSTIC_NONE, NULL);
}
