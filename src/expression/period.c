/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Functions of z that repeat: every z stands inside sin, cos or tan of a z + b, and the quotients of the a are
    rational [SHOCK-17].
*/

#include <caustic/expression.h>

static int
is_wave(caustic_op op)
{
    return op == CAUSTIC_OP_SIN || op == CAUSTIC_OP_COS || op == CAUSTIC_OP_TAN;
}

/* For every node up to `top` whether z occurs in it: children have smaller handles. */
static char *
dependence(const caustic_pool * pool, caustic_expr top, caustic_expr z)
{
    char * depends = flint_calloc((size_t) top + 1, 1);

    for (caustic_expr node = 1; node <= top; node++)
    {
        depends[node] = node == z;
        for (slong i = 0; i < caustic_expr_arity(pool, node); i++)
            depends[node] |= depends[caustic_expr_child(pool, node, i)];
    }
    return depends;
}

/* e is a polynomial of degree one at most in z, by its form: *slope = a where e = a z + b. */
static int
is_affine(caustic_expr * slope, caustic_pool * pool, caustic_expr e, caustic_expr z, const char * depends)
{
    char * reached = flint_calloc((size_t) e + 1, 1);
    int affine = 1;

    reached[e] = 1;
    for (caustic_expr node = e; node > 0 && affine; node--)
    {
        caustic_op op = caustic_expr_op(pool, node);

        if (!reached[node] || node == z || !depends[node])
            continue;
        affine = op == CAUSTIC_OP_SUM || op == CAUSTIC_OP_PRODUCT;
        for (slong i = 0; i < caustic_expr_arity(pool, node); i++)
            reached[caustic_expr_child(pool, node, i)] = 1;
    }
    flint_free(reached);
    *slope = affine ? caustic_derivative(pool, e, z) : CAUSTIC_NONE;
    return *slope != CAUSTIC_NONE && !caustic_expr_depends(pool, *slope, z);
}

/* The slopes are integer multiples of unit*common. */
static int
add_frequency(caustic_expr * unit, fmpq_t common, caustic_pool * pool, caustic_expr slope)
{
    caustic_expr ratio;

    if (*unit == CAUSTIC_NONE)
    {
        *unit = slope;
        fmpq_one(common);
        return 1;
    }
    ratio = caustic_div(pool, slope, *unit);
    if (ratio == CAUSTIC_NONE || caustic_expr_op(pool, ratio) != CAUSTIC_OP_NUMBER)
        return 0;
    fmpq_gcd(common, common, caustic_expr_fmpq(pool, ratio));
    return 1;
}

/* Waves of many different arguments (a sum over data) are not worth the time. */
#define WAVES_LIMIT 256

/* From the roots down to the waves. */
static int
collect_frequencies(caustic_expr * unit, fmpq_t common, caustic_pool * pool, caustic_expr z, const caustic_expr * roots, slong length)
{
    caustic_expr top = roots[0], slope;
    char * reached, * depends;
    slong waves = 0;
    int periodic = 1;

    for (slong i = 1; i < length; i++)
        top = FLINT_MAX(top, roots[i]);
    reached = flint_calloc((size_t) top + 1, 1);
    depends = dependence(pool, top, z);
    for (slong i = 0; i < length; i++)
        reached[roots[i]] = 1;
    for (caustic_expr node = top; node > 0 && periodic; node--)
    {
        if (!reached[node] || !depends[node])
            continue;
        if (node == z)
            periodic = 0;
        else if (is_wave(caustic_expr_op(pool, node)))
            periodic = ++waves <= WAVES_LIMIT && is_affine(&slope, pool, caustic_expr_child(pool, node, 0), z, depends)
                && add_frequency(unit, common, pool, slope);
        else
            for (slong i = 0; i < caustic_expr_arity(pool, node); i++)
                reached[caustic_expr_child(pool, node, i)] = 1;
    }
    flint_free(reached);
    flint_free(depends);
    return periodic && *unit != CAUSTIC_NONE;
}

caustic_expr
caustic_expr_period(caustic_pool * pool, const caustic_expr * roots, slong length, caustic_expr symbol)
{
    caustic_expr unit = CAUSTIC_NONE, period = CAUSTIC_NONE;
    fmpq_t common;
    int periodic = length > 0;

    fmpq_init(common);
    for (slong i = 0; i < length; i++)
        periodic = periodic && roots[i] != CAUSTIC_NONE;
    if (periodic && collect_frequencies(&unit, common, pool, symbol, roots, length))
        period = caustic_div(pool, caustic_mul(pool, caustic_integer(pool, 2), caustic_pi(pool)),
            caustic_mul(pool, unit, caustic_number(pool, common)));
    fmpq_clear(common);
    return period;
}
