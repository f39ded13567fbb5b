/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    remainder: what Taylor polynomials of solutions and of their variations leave out.

    Let the norm of a power series be sum_k |x_k| r^k. The integral of what begins with order K + 1 has at most r/(K + 2) times its norm:
    with an order of fifty a bound of the tail is proved by itself almost as far as the series converges, and holds in the whole disc of
    that radius [INTEGRATOR-1].
*/

#include "integrator/integrator_internal.h"

/* How often a bound is tried and made larger. */
#define ROUNDS 12

/* Makes bound no less than next, with room, where that is not so yet; 1: it was so everywhere. */
static int settle(mag_ptr bound, mag_srcptr next, slong length)
{
    slong i;
    int settled = 1;
    for (i = 0; i < length; i++)
    {
        settled = settled && mag_is_finite(next + i) && mag_cmp(next + i, bound + i) <= 0;
    }
    for (i = 0; i < length; i++)
    {
        mag_set(bound + i, next + i);
        if (!settled)
        {
            mag_mul_ui(bound + i, bound + i, 5);
            mag_mul_2exp_si(bound + i, bound + i, -2);
        }
    }
    return settled;
}

/* |a| r^k */
static void scaled(mag_t res, const arb_t a, const mag_t radius, slong k)
{
    mag_t power;
    mag_init(power);
    mag_pow_ui(power, radius, (ulong) k);
    arb_get_mag(res, a);
    mag_mul(res, res, power);
    if (!arb_is_finite(a))
    {
        mag_inf(res);
    }
    mag_clear(power);
}

/* The part of the integral's tail that comes from beyond the order: r/(K + 2) |f|, added. */
static void add_integral(mag_t res, const mag_t f, const mag_t radius, slong order)
{
    mag_t t;
    mag_init(t);
    mag_mul(t, f, radius);
    mag_div_ui(t, t, (ulong) order + 2);
    mag_add(res, res, t);
    mag_clear(t);
}

int flow_tails(mag_ptr bound, caustic_tails_t tails, const caustic_flow * flow, const mag_t radius)
{
    slong n = flow->dimension, order = tails->order, i, round;
    int proved = 0;
    mag_ptr first = _mag_vec_init(n), next = _mag_vec_init(n);

    for (i = 0; i < n; i++)
    {
        scaled(first + i, tails->series->arena + i * tails->series->capacity + order + 1, radius, order + 1);
        mag_zero(bound + i);
    }
    for (round = 0; round < ROUNDS && !proved; round++)
    {
        for (i = 0; i < n; i++)
        {
            mag_set(caustic_tails_input(tails, i), bound + i);
        }
        caustic_tails_run(tails);
        for (i = 0; i < n; i++)
        {
            mag_set(next + i, first + i);
            add_integral(next + i, caustic_tails_root(tails, i).tail, radius, order);
        }
        proved = settle(bound, next, n);
    }
    _mag_vec_clear(first, n);
    _mag_vec_clear(next, n);
    return proved;
}

/* The tails of the entries of Df V as far as they do not depend on those of V, and of V_(K+1): the least bounds there can be. */
static void known_part(mag_ptr res, const caustic_flow * flow, const caustic_tails_t tails, arb_srcptr polynomial, slong columns,
    const mag_t radius)
{
    slong n = flow->dimension, order = tails->order, e, i, j;
    mag_ptr size = _mag_vec_init(n * columns * (order + 1)), rest = _mag_vec_init(n * columns * (order + 2));
    mag_t zero, t;
    mag_init(zero);
    mag_init(t);
    for (i = 0; i < n * columns; i++)
    {
        caustic_tail_sizes(size + i * (order + 1), rest + i * (order + 2), polynomial + i * (order + 2), order, radius);
        scaled(res + i, polynomial + i * (order + 2) + order + 1, radius, order + 1);
    }
    for (e = 0; e < flow->entries; e++)
    {
        for (j = 0; j < columns; j++)
        {
            slong v = flow->entry_column[e] * columns + j;
            caustic_tail_view variation = {size + v * (order + 1), rest + v * (order + 2), zero};
            caustic_tail_product(t, caustic_tails_root(tails, n + e), variation, order);
            add_integral(res + flow->entry_row[e] * columns + j, t, radius, order);
        }
    }
    _mag_vec_clear(size, n * columns * (order + 1));
    _mag_vec_clear(rest, n * columns * (order + 2));
    mag_clear(zero);
    mag_clear(t);
}

int flow_variation_tails(mag_ptr bound, const caustic_flow * flow, const caustic_tails_t tails, arb_srcptr polynomial, slong columns,
    const mag_t radius)
{
    slong n = flow->dimension, length = n * columns, e, i, j, round;
    int proved = 0, defined = 1;
    mag_ptr first = _mag_vec_init(length), next = _mag_vec_init(length), norm = _mag_vec_init(flow->entries);
    mag_t t;

    mag_init(t);
    known_part(first, flow, tails, polynomial, columns, radius);
    for (e = 0; e < flow->entries; e++)
    {
        caustic_tail_view entry = caustic_tails_root(tails, n + e);
        mag_add(norm + e, entry.rest, entry.tail);
        defined = defined && mag_is_finite(norm + e); /* 0 times what is not defined is not 0 */
    }
    for (i = 0; i < length; i++)
    {
        mag_set(bound + i, first + i);
    }
    for (round = 0; round < ROUNDS && defined && !proved; round++)
    {
        for (i = 0; i < length; i++)
        {
            mag_set(next + i, first + i);
        }
        for (e = 0; e < flow->entries; e++)
        {
            for (j = 0; j < columns; j++)
            {
                mag_mul(t, norm + e, bound + flow->entry_column[e] * columns + j);
                add_integral(next + flow->entry_row[e] * columns + j, t, radius, tails->order);
            }
        }
        proved = settle(bound, next, length);
    }
    _mag_vec_clear(first, length);
    _mag_vec_clear(next, length);
    _mag_vec_clear(norm, flow->entries);
    mag_clear(t);
    return proved;
}

void flow_remainder(arb_t res, const mag_t bound, const mag_t radius, slong order)
{
    arb_t power, t;
    mag_t b;
    arb_init(power);
    arb_init(t);
    mag_init(b);
    arf_set_mag(arb_midref(power), radius);
    arb_pow_ui(power, power, (ulong) order + 1, ROUGH);
    arf_set_mag(arb_midref(t), bound);
    arb_div(t, t, power, ROUGH);
    arb_get_mag(b, t);
    arb_zero(res);
    if (mag_is_zero(bound))
    {
        mag_zero(b);
    }
    mag_swap(arb_radref(res), b);
    arb_clear(power);
    arb_clear(t);
    mag_clear(b);
}

void flow_shorten(arb_ptr res, slong length, arb_srcptr polynomial, slong whole, const mag_t h, slong prec)
{
    slong k;
    mag_t rest, t;
    if (length >= whole)
    {
        _arb_vec_set_round(res, polynomial, whole, prec);
        return;
    }
    mag_init(rest);
    mag_init(t);
    for (k = whole - 1; k >= length - 1; k--)
    {
        mag_mul(rest, rest, h);
        arb_get_mag(t, polynomial + k);
        mag_add(rest, rest, t);
    }
    _arb_vec_set_round(res, polynomial, length - 1, prec);
    arb_zero(res + length - 1);
    mag_swap(arb_radref(res + length - 1), rest);
    mag_clear(rest);
    mag_clear(t);
}
