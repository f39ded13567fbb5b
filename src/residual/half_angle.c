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

/* The rule: a cosine or sine of an angle's multiple. */
static caustic_expr
half_angle(caustic_pool * pool, caustic_expr node, void * data)
{
    caustic_op op = caustic_expr_op(pool, node);
    caustic_expr y;
    slong k = 0;

    (void) data;
    if (op == CAUSTIC_OP_COS || op == CAUSTIC_OP_SIN)
        k = multiple_of_angle(&y, pool, caustic_expr_child(pool, node, 0));
    return k == 0 ? node : of_multiple(pool, op == CAUSTIC_OP_SIN, k, y);
}

caustic_expr
without_angles(caustic_pool * pool, caustic_expr e)
{
    caustic_expr res = caustic_rewrite(pool, e, half_angle, NULL);

    return res == CAUSTIC_NONE ? e : res;
}
