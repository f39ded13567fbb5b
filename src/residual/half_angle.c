/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    half_angle: trigonometric functions of an angle 2 atan(y) as rational functions of y.
*/

#include "harmonic.h"

#define HARMONICS_LIMIT 64

/* k and y where e is 2k atan(y), an angle's multiple; 0 where it is not. */
static slong
multiple_of_angle(caustic_expr * y, const caustic_pool * pool, caustic_expr e)
{
    caustic_expr factor, angle;
    const fmpq * number;

    if (caustic_expr_op(pool, e) != CAUSTIC_OP_PRODUCT || caustic_expr_arity(pool, e) != 2)
        return 0;
    factor = caustic_expr_child(pool, e, 0);
    angle = caustic_expr_child(pool, e, 1);
    if (caustic_expr_op(pool, factor) != CAUSTIC_OP_NUMBER || caustic_expr_op(pool, angle) != CAUSTIC_OP_ATAN)
        return 0;
    number = caustic_expr_fmpq(pool, factor);
    if (!fmpz_is_one(fmpq_denref(number)) || fmpz_is_odd(fmpq_numref(number))
        || fmpz_cmpabs(fmpq_numref(number), (fmpz[]) {2 * HARMONICS_LIMIT}) > 0)
        return 0;
    *y = caustic_expr_child(pool, angle, 0);
    return fmpz_get_si(fmpq_numref(number)) / 2;
}

/* [HEAT-28] cos(k a) and sin(k a), a = 2 atan(y), by the sums of angles from cos a = (1 - y^2)/(1 + y^2), sin a = 2y/(1 + y^2). */
static caustic_expr
of_multiple(caustic_pool * pool, int is_sine, slong k, caustic_expr y)
{
    caustic_expr one = caustic_integer(pool, 1), square = caustic_power_si(pool, y, 2), sum = caustic_add(pool, one, square);
    caustic_expr c = caustic_div(pool, caustic_sub(pool, one, square), sum);
    caustic_expr s = caustic_div(pool, caustic_mul(pool, caustic_integer(pool, 2), y), sum);
    caustic_expr cosine = one, sine = caustic_integer(pool, 0);

    for (slong i = 0; i < FLINT_ABS(k); i++)
    {
        caustic_expr next = caustic_sub(pool, caustic_mul(pool, cosine, c), caustic_mul(pool, sine, s));

        sine = caustic_add(pool, caustic_mul(pool, sine, c), caustic_mul(pool, cosine, s));
        cosine = next;
    }
    return !is_sine ? cosine : k < 0 ? caustic_neg(pool, sine) : sine;
}

/* e with the children replaced. */
static caustic_expr
rebuilt(caustic_pool * pool, caustic_expr e, const caustic_expr * replaced)
{
    slong arity = caustic_expr_arity(pool, e), k;
    caustic_op op = caustic_expr_op(pool, e);
    caustic_expr * child = flint_malloc((size_t) FLINT_MAX(arity, 1) * sizeof(caustic_expr)), y, res;

    for (slong i = 0; i < arity; i++)
        child[i] = replaced[caustic_expr_child(pool, e, i)];
    if (arity == 0)
        res = e;
    else if (op == CAUSTIC_OP_SUM)
        res = caustic_sum(pool, child, arity);
    else if (op == CAUSTIC_OP_PRODUCT)
        res = caustic_product(pool, child, arity);
    else if (op == CAUSTIC_OP_POWER)
    {
        fmpq_t exponent;

        fmpq_init(exponent);
        fmpq_set(exponent, caustic_expr_fmpq(pool, e));
        res = caustic_power(pool, child[0], exponent);
        fmpq_clear(exponent);
    }
    else if ((op == CAUSTIC_OP_COS || op == CAUSTIC_OP_SIN) && child[0] != CAUSTIC_NONE && (k = multiple_of_angle(&y, pool, child[0])) != 0)
        res = of_multiple(pool, op == CAUSTIC_OP_SIN, k, y);
    else
        res = caustic_function(pool, op, child[0]);
    flint_free(child);
    return res;
}

caustic_expr
without_angles(caustic_pool * pool, caustic_expr e)
{
    char * reached = flint_calloc((size_t) e + 1, 1);
    caustic_expr * replaced = flint_calloc((size_t) e + 1, sizeof(caustic_expr)), res;
    int has_angles = 0;

    /* A child's handle is smaller than its parent's. */
    reached[e] = 1;
    for (caustic_expr x = e; x > 0; x--)
        if (reached[x])
        {
            has_angles = has_angles || caustic_expr_op(pool, x) == CAUSTIC_OP_ATAN;
            for (slong i = 0; i < caustic_expr_arity(pool, x); i++)
                reached[caustic_expr_child(pool, x, i)] = 1;
        }
    for (caustic_expr x = 1; x <= e && has_angles; x++)
        if (reached[x])
            replaced[x] = rebuilt(pool, x, replaced);
    res = replaced[e] == CAUSTIC_NONE ? e : replaced[e];
    flint_free(reached);
    flint_free(replaced);
    return res;
}
