/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    order: a total order of expressions that depends on their structure alone, and puts terms and
    factors as people write them.

    Equal subexpressions are one node, so two different expressions are told apart by going down
    into the first pair of children that differ: one path, no stack.
*/

#include <string.h>
#include "expression/pool_internal.h"

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* z1 < z2 < z10; derivatives (u_z_z) after all other names. */
int pool_compare_names(const char * a, const char * b)
{
    const char * whole_a = a, * whole_b = b;
    int derivative_a = strchr(a, '_') != NULL, derivative_b = strchr(b, '_') != NULL;

    if (derivative_a != derivative_b)
        return derivative_a - derivative_b;
    while (*a != '\0' && *b != '\0')
    {
        if (is_digit(*a) && is_digit(*b))
        {
            size_t m, n;
            int order;

            while (*a == '0' && is_digit(a[1]))
                a++;
            while (*b == '0' && is_digit(b[1]))
                b++;
            for (m = 0; is_digit(a[m]); m++)
                ;
            for (n = 0; is_digit(b[n]); n++)
                ;
            if (m != n)
                return m < n ? -1 : 1;
            order = strncmp(a, b, m);
            if (order != 0)
                return order;
            a += m;
            b += n;
        }
        else if (*a != *b)
        {
            return (unsigned char) *a < (unsigned char) *b ? -1 : 1;
        }
        else
        {
            a++;
            b++;
        }
    }
    if (*a != '\0' || *b != '\0')
        return *a == '\0' ? -1 : 1;
    return strcmp(whole_a, whole_b); /* z01 and z1 */
}

/* Any total order of structures. */
static int compare_structures(const caustic_pool * pool, caustic_expr a, caustic_expr b)
{
    while (a != b)
    {
        const pool_node * x = pool_get(pool, a), * y = pool_get(pool, b);
        const caustic_expr * p = pool_children(pool, a), * q = pool_children(pool, b);
        uint32_t i;

        if (x->op != y->op)
            return x->op < y->op ? -1 : 1;
        if (x->op == CAUSTIC_OP_SYMBOL)
            return pool_compare_names(x->name, y->name);
        if (x->op == CAUSTIC_OP_NUMBER)
            return fmpq_cmp(x->value, y->value);
        if (x->op == CAUSTIC_OP_POWER && p[0] == q[0])
            return fmpq_cmp(y->value, x->value); /* higher powers first */
        if (x->height != y->height)
            return x->height < y->height ? -1 : 1;
        for (i = 0; i < x->arity && i < y->arity && p[i] == q[i]; i++)
            ;
        if (i == x->arity || i == y->arity)
            return x->arity < y->arity ? -1 : 1;
        a = p[i];
        b = q[i];
    }
    return 0;
}

static caustic_expr base_of(const caustic_pool * pool, caustic_expr e)
{
    return pool_op(pool, e) == CAUSTIC_OP_POWER ? pool_child(pool, e) : e;
}

static int is_derivative(const caustic_pool * pool, caustic_expr e)
{
    return pool_op(pool, e) == CAUSTIC_OP_SYMBOL && strchr(pool_get(pool, e)->name, '_') != NULL;
}

/* 2 sqrt(3) pi z log(z) (z + 1) u_z */
static int factor_rank(const caustic_pool * pool, caustic_expr e)
{
    caustic_expr base = base_of(pool, e);

    switch (pool_op(pool, base))
    {
        case CAUSTIC_OP_NUMBER:
            return base == e ? 0 : 1;
        case CAUSTIC_OP_PI:
            return 2;
        case CAUSTIC_OP_SYMBOL:
            return is_derivative(pool, base) ? 7 : 3;
        case CAUSTIC_OP_SUM: case CAUSTIC_OP_PRODUCT:
            return 6;
        case CAUSTIC_OP_POWER:
            return 5;
        default:
            return 4;
    }
}

int pool_compare_factors(const caustic_pool * pool, caustic_expr a, caustic_expr b)
{
    int m, n;

    if (a == b)
        return 0;
    m = factor_rank(pool, a);
    n = factor_rank(pool, b);
    if (m != n)
        return m < n ? -1 : 1;
    if (base_of(pool, a) != base_of(pool, b))
        return compare_structures(pool, base_of(pool, a), base_of(pool, b));
    /* the same base: x is the first power */
    if (base_of(pool, a) == a)
        return fmpq_cmp_si(pool_get(pool, b)->value, 1);
    if (base_of(pool, b) == b)
        return -fmpq_cmp_si(pool_get(pool, a)->value, 1);
    return fmpq_cmp(pool_get(pool, b)->value, pool_get(pool, a)->value);
}

/* u_t, v_z_t: what an equation starts with. */
static int is_time_derivative(const caustic_pool * pool, caustic_expr e)
{
    const char * name;

    if (!is_derivative(pool, e))
        return 0;
    name = pool_get(pool, e)->name;
    return strlen(name) >= 2 && strcmp(name + strlen(name) - 2, "_t") == 0;
}

/* The factors of a term without its numeric coefficient. `self` holds the term itself where it is
   no product. */
static slong term_factors(const caustic_expr ** factors, const caustic_pool * pool, const caustic_expr * self)
{
    const caustic_expr * children;
    slong arity;

    *factors = self;
    if (pool_op(pool, *self) != CAUSTIC_OP_PRODUCT)
        return 1;
    children = pool_children(pool, *self);
    arity = caustic_expr_arity(pool, *self);
    if (pool_is_number(pool, children[0]))
    {
        children++;
        arity--;
    }
    *factors = children;
    return arity;
}

int pool_compare_terms(const caustic_pool * pool, caustic_expr a, caustic_expr b)
{
    const caustic_expr * p, * q;
    slong i, m, n;
    int s, t;

    if (a == b)
        return 0;
    s = is_time_derivative(pool, a);
    t = is_time_derivative(pool, b);
    if (s != t)
        return t - s;
    if (pool_get(pool, a)->degree != pool_get(pool, b)->degree)
        return pool_get(pool, a)->degree > pool_get(pool, b)->degree ? -1 : 1;
    m = term_factors(&p, pool, &a);
    n = term_factors(&q, pool, &b);
    for (i = 0; i < m && i < n; i++)
        if (p[i] != q[i])
            return pool_compare_factors(pool, p[i], q[i]);
    if (m != n)
        return m < n ? -1 : 1;
    return compare_structures(pool, a, b); /* they differ in the coefficient */
}

/* Merge sort, bottom up. */
void pool_sort(pool_item * items, slong length, pool_comparison compare, const caustic_pool * pool)
{
    pool_item * from = items, * to, * buffer;
    slong width, start;

    if (length < 2)
        return;
    if (length <= 8)
    {
        slong i, j;

        for (i = 1; i < length; i++)
        {
            pool_item item = items[i];

            for (j = i; j > 0 && compare(pool, items[j - 1].expr, item.expr) > 0; j--)
                items[j] = items[j - 1];
            items[j] = item;
        }
        return;
    }

    buffer = flint_malloc(length * sizeof(pool_item));
    to = buffer;
    for (width = 1; width < length; width *= 2)
    {
        pool_item * swap;

        for (start = 0; start < length; start += 2 * width)
        {
            slong middle = FLINT_MIN(start + width, length), end = FLINT_MIN(start + 2 * width, length);
            slong i = start, j = middle, k;

            for (k = start; k < end; k++)
            {
                if (i < middle && (j >= end || compare(pool, from[i].expr, from[j].expr) <= 0))
                    to[k] = from[i++];
                else
                    to[k] = from[j++];
            }
        }
        swap = from;
        from = to;
        to = swap;
    }
    if (from != items)
        memcpy(items, from, length * sizeof(pool_item));
    flint_free(buffer);
}
