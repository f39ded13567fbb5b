/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    expr_jet: jets whose coefficients are expressions [JET-2]. What two coefficients share is one node.
*/

#include <string.h>
#include <caustic/jet.h>
#include "expression/pool_internal.h"

typedef struct
{
    caustic_pool * pool;
    const caustic_jet_shape * shape;
    slong length;
    slong * product;        /* [i * length + j]: the index of the product of monomials i and j; -1: of too high a degree */
    caustic_expr zero;
    caustic_expr ** term;   /* [k]: the products that add up to coefficient k of what is being multiplied */
    slong * terms;
} arithmetic;

static void fill_products(arithmetic * a)
{
    slong n = caustic_jet_variables(a->shape), i, j, k, degree;
    slong * sum = flint_malloc(sizeof(slong) * (size_t) n);
    for (i = 0; i < a->length; i++)
    {
        for (j = 0; j < a->length; j++)
        {
            degree = 0;
            for (k = 0; k < n; k++)
            {
                sum[k] = caustic_jet_exponents(a->shape, i)[k] + caustic_jet_exponents(a->shape, j)[k];
                degree += sum[k];
            }
            a->product[i * a->length + j] = degree > caustic_jet_order(a->shape) ? -1 : caustic_jet_index(a->shape, sum);
        }
    }
    flint_free(sum);
}

static void arithmetic_init(arithmetic * a, caustic_pool * pool, const caustic_jet_shape * shape)
{
    slong k;
    a->pool = pool;
    a->shape = shape;
    a->length = caustic_jet_length(shape);
    a->product = flint_malloc(sizeof(slong) * (size_t) (a->length * a->length));
    a->zero = caustic_integer(pool, 0);
    a->terms = flint_calloc((size_t) a->length, sizeof(slong));
    a->term = flint_malloc(sizeof(caustic_expr *) * (size_t) a->length);
    for (k = 0; k < a->length; k++)
    {
        a->term[k] = flint_malloc(sizeof(caustic_expr) * (size_t) a->length);
    }
    fill_products(a);
}

static void arithmetic_clear(arithmetic * a)
{
    slong k;
    for (k = 0; k < a->length; k++)
    {
        flint_free(a->term[k]);
    }
    flint_free(a->term);
    flint_free(a->terms);
    flint_free(a->product);
}

/* The sum of no terms is 0, of one that term. */
static caustic_expr sum_of(const arithmetic * a, const caustic_expr * terms, slong length)
{
    return length == 0 ? a->zero : length == 1 ? terms[0] : caustic_sum(a->pool, terms, length);
}

/* res may be x or y. */
static void multiply(caustic_expr * res, arithmetic * a, const caustic_expr * x, const caustic_expr * y)
{
    slong i, j, k;
    memset(a->terms, 0, sizeof(slong) * (size_t) a->length);
    for (i = 0; i < a->length; i++)
    {
        for (j = 0; j < a->length && x[i] != a->zero; j++)
        {
            k = a->product[i * a->length + j];
            if (k >= 0 && y[j] != a->zero)
            {
                a->term[k][a->terms[k]++] = caustic_mul(a->pool, x[i], y[j]);
            }
        }
    }
    for (k = 0; k < a->length; k++)
    {
        res[k] = sum_of(a, a->term[k], a->terms[k]);
    }
}

/* sum_k series_k (x - x_0)^k */
static void compose(caustic_expr * res, arithmetic * a, const caustic_expr * series, const caustic_expr * x)
{
    slong i, k;
    size_t size = sizeof(caustic_expr) * (size_t) a->length;
    caustic_expr * rest = flint_malloc(size), * power = flint_malloc(size);

    memcpy(rest, x, size);
    rest[0] = a->zero;
    memcpy(power, rest, size);
    for (i = 0; i < a->length; i++)
    {
        res[i] = a->zero;
    }
    res[0] = series[0];
    for (k = 1; k <= caustic_jet_order(a->shape); k++)
    {
        for (i = 0; i < a->length; i++)
        {
            if (power[i] != a->zero && series[k] != a->zero)
            {
                res[i] = caustic_add(a->pool, res[i], caustic_mul(a->pool, series[k], power[i]));
            }
        }
        multiply(power, a, power, rest);
    }
    flint_free(rest);
    flint_free(power);
}

/* The derivatives of f(t), divided by factorials, at t = x_0. */
static void function_series(caustic_expr * series, const arithmetic * a, caustic_op op, caustic_expr centre)
{
    caustic_expr t = caustic_symbol(a->pool, "_argument"), f = caustic_function(a->pool, op, t);
    slong k;
    for (k = 0; k <= caustic_jet_order(a->shape); k++)
    {
        series[k] = caustic_substitute(a->pool, f, &t, &centre, 1);
        f = caustic_div(a->pool, caustic_derivative(a->pool, f, t), caustic_integer(a->pool, k + 1));
    }
}

/* binomial(q, k) x_0^(q - k) */
static void power_series(caustic_expr * series, const arithmetic * a, const fmpq * exponent, caustic_expr centre)
{
    slong k;
    fmpq_t binomial, q;
    fmpz_t divisor;

    fmpz_init(divisor);
    fmpq_init(binomial);
    fmpq_init(q);
    fmpq_one(binomial);
    fmpq_set(q, exponent);
    for (k = 0; k <= caustic_jet_order(a->shape); k++)
    {
        if (fmpq_is_zero(binomial))
        {
            series[k] = a->zero;
        }
        else
        {
            caustic_expr power = fmpq_is_zero(q) ? caustic_integer(a->pool, 1) : fmpq_is_one(q) ? centre : caustic_power(a->pool, centre, q);
            series[k] = caustic_mul(a->pool, caustic_number(a->pool, binomial), power);
        }
        fmpq_mul(binomial, binomial, q);
        fmpz_set_si(divisor, k + 1);
        fmpq_div_fmpz(binomial, binomial, divisor);
        fmpq_sub_si(q, q, 1);
    }
    fmpz_clear(divisor);
    fmpq_clear(binomial);
    fmpq_clear(q);
}

/* The jet of a node from those of its children. */
static void node_jet(caustic_expr * res, arithmetic * a, caustic_expr node, caustic_expr ** jet)
{
    caustic_op op = caustic_expr_op(a->pool, node);
    slong arity = caustic_expr_arity(a->pool, node), i, k;
    caustic_expr * room;

    if (op == CAUSTIC_OP_SUM)
    {
        room = flint_malloc(sizeof(caustic_expr) * (size_t) arity);
        for (k = 0; k < a->length; k++)
        {
            slong terms = 0;
            for (i = 0; i < arity; i++)
            {
                caustic_expr term = jet[caustic_expr_child(a->pool, node, i)][k];
                if (term != a->zero)
                {
                    room[terms++] = term;
                }
            }
            res[k] = sum_of(a, room, terms);
        }
        flint_free(room);
    }
    else if (op == CAUSTIC_OP_PRODUCT)
    {
        memcpy(res, jet[caustic_expr_child(a->pool, node, 0)], sizeof(caustic_expr) * (size_t) a->length);
        for (i = 1; i < arity; i++)
        {
            multiply(res, a, res, jet[caustic_expr_child(a->pool, node, i)]);
        }
    }
    else if (arity == 1)
    {
        const caustic_expr * x = jet[caustic_expr_child(a->pool, node, 0)];
        room = flint_malloc(sizeof(caustic_expr) * (size_t) (caustic_jet_order(a->shape) + 1));
        if (op == CAUSTIC_OP_POWER)
        {
            power_series(room, a, caustic_expr_fmpq(a->pool, node), x[0]);
        }
        else
        {
            function_series(room, a, op, x[0]);
        }
        compose(res, a, room, x);
        flint_free(room);
    }
    else
    {
        for (k = 1; k < a->length; k++)
        {
            res[k] = a->zero;
        }
        res[0] = node;
    }
}

void caustic_expr_jets(caustic_expr * out, caustic_pool * pool, const caustic_expr * roots, slong roots_length,
    const caustic_expr * symbols, const caustic_expr * in, slong symbols_length, const caustic_jet_shape * shape)
{
    slong length = caustic_jet_length(shape), i, count;
    size_t size = sizeof(caustic_expr) * (size_t) length;
    caustic_expr * nodes, last = CAUSTIC_NONE, ** jet;
    arithmetic a;

    arithmetic_init(&a, pool, shape);
    count = pool_reachable(&nodes, pool, roots, roots_length);
    last = count == 0 ? CAUSTIC_NONE : nodes[count - 1];
    jet = flint_calloc((size_t) last + 1, sizeof(caustic_expr *));
    for (i = 0; i < count; i++)
    {
        slong k = 0;
        jet[nodes[i]] = flint_malloc(size);
        while (k < symbols_length && symbols[k] != nodes[i])
        {
            k++;
        }
        if (k < symbols_length)
        {
            memcpy(jet[nodes[i]], in + k * length, size);
        }
        else
        {
            node_jet(jet[nodes[i]], &a, nodes[i], jet);
        }
    }
    for (i = 0; i < roots_length; i++)
    {
        memcpy(out + i * length, jet[roots[i]], size);
    }
    for (i = 0; i < count; i++)
    {
        flint_free(jet[nodes[i]]);
    }
    flint_free(jet);
    flint_free(nodes);
    arithmetic_clear(&a);
}
