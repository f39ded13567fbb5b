/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    factors: invariants that are entries of products M = U V^T of matrices of parameters, as those of a head and of a linear network
    with one hidden layer. On which leaves of U^T U - V^T V does K descend? [AUDIT-15]
*/

#include <string.h>
#include "audit_internal.h"

/* Which entry of U or V a parameter is. */
typedef struct
{
    int side;    /* 0: not known, 1: U, 2: V */
    slong block, row, column;
}
place_struct;

/* A product: U has rows[0] rows, V rows[1], both `columns` columns. */
typedef struct
{
    slong rows[2], columns;
}
block_struct;

typedef struct
{
    slong blocks;
    block_struct * block;
    place_struct * place;    /* of each parameter */
    slong * entry;           /* of each coordinate: block, row, column */
}
factors_struct;

static slong
index_of_parameter(caustic_expr e, const audit_work_t work)
{
    for (slong b = 0; b < work->parameters; b++)
        if (work->setting->parameter[b] == e)
            return b;
    return -1;
}

/* z = sum_l x_l y_l with parameters x_l, y_l: their indices. The number of terms, 0 if z is of another form. */
static slong
read_pairs(slong * pairs, caustic_expr z, const audit_work_t work)
{
    caustic_pool * pool = work->setting->pool;
    slong terms = caustic_expr_op(pool, z) == CAUSTIC_OP_SUM ? caustic_expr_arity(pool, z) : 1;

    if (terms > work->parameters)
        return 0;
    for (slong l = 0; l < terms; l++)
    {
        caustic_expr term = caustic_expr_op(pool, z) == CAUSTIC_OP_SUM ? caustic_expr_child(pool, z, l) : z;

        if (caustic_expr_op(pool, term) != CAUSTIC_OP_PRODUCT || caustic_expr_arity(pool, term) != 2)
            return 0;
        for (int k = 0; k < 2; k++)
        {
            pairs[2 * l + k] = index_of_parameter(caustic_expr_child(pool, term, k), work);
            if (pairs[2 * l + k] < 0)
                return 0;
        }
    }
    return terms;
}

/* Coordinate i, with its pairs, opens a new block as the entry (1, 1). U is the matrix that is listed first. */
static int
open_block(factors_struct * factors, slong i, slong * pairs, slong terms)
{
    block_struct * block = factors->block + factors->blocks;
    int fresh = 1;

    for (slong l = 0; l < terms; l++)
        if (pairs[2 * l] > pairs[2 * l + 1])
            FLINT_SWAP(slong, pairs[2 * l], pairs[2 * l + 1]);
    for (slong l = 0; l < 2 * terms; l++)
    {
        place_struct * place = factors->place + pairs[l];

        fresh = fresh && place->side == 0;
        *place = (place_struct) {.side = 1 + (int) (l % 2), .block = factors->blocks, .row = 0, .column = l / 2};
    }
    *block = (block_struct) {.rows = {1, 1}, .columns = terms};
    factors->entry[3 * i] = factors->blocks++;
    factors->entry[3 * i + 1] = factors->entry[3 * i + 2] = 0;
    return fresh;
}

/* Coordinate i where one factor of each term is known: 1 if it fits and the others are placed, 0 if none is known, -1 if it fits into no
   product. */
static int
join_block(factors_struct * factors, slong i, slong * pairs, slong terms)
{
    const place_struct * first = factors->place + pairs[0], * second = factors->place + pairs[1];
    const place_struct * known = first->side != 0 ? first : second;
    slong block = known->block, row = known->row, other_row;
    int side = known->side;

    if (first->side == 0 && second->side == 0)
        return 0;
    if (factors->block[block].columns != terms)
        return -1;
    /* Where both are known, either side leads. */
    for (slong l = 0; l < terms; l++)
    {
        const place_struct * x = factors->place + pairs[2 * l];

        if (!(x->side == side && x->block == block && x->row == row))
            FLINT_SWAP(slong, pairs[2 * l], pairs[2 * l + 1]);
        x = factors->place + pairs[2 * l];
        if (!(x->side == side && x->block == block && x->row == row))
            return -1;
    }
    known = factors->place + pairs[1];
    other_row = known->side != 0 ? known->row : factors->block[block].rows[2 - side];
    for (slong l = 0; l < terms; l++)
    {
        const place_struct * x = factors->place + pairs[2 * l];
        place_struct * y = factors->place + pairs[2 * l + 1];

        if (y->side == 0)
            *y = (place_struct) {.side = 3 - side, .block = block, .row = other_row, .column = x->column};
        if (y->side != 3 - side || y->block != block || y->row != other_row || y->column != x->column)
            return -1;
    }
    factors->block[block].rows[2 - side] = FLINT_MAX(factors->block[block].rows[2 - side], other_row + 1);
    factors->entry[3 * i] = block;
    factors->entry[3 * i + side] = row;
    factors->entry[3 * i + 3 - side] = other_row;
    return 1;
}

/* Whether all coordinates are entries of products, and all parameters factors. */
static int
read_factors(factors_struct * factors, const audit_work_t work)
{
    slong d = work->coordinates, n = work->parameters, left = d;
    slong * pairs = flint_malloc((size_t) (2 * n + 2) * sizeof(slong));
    char * done = flint_calloc((size_t) FLINT_MAX(d, 1), 1);
    int fits = 1, progress;

    while (left > 0 && fits)
    {
        progress = 0;
        for (slong i = 0; i < d && fits; i++)
        {
            slong terms = done[i] ? 0 : read_pairs(pairs, work->setting->invariant[i], work);
            int joined = done[i] || terms == 0 ? 0 : join_block(factors, i, pairs, terms);

            fits = (done[i] || terms > 0) && joined >= 0;
            if (joined == 1)
            {
                done[i] = 1;
                left--;
                progress = 1;
            }
        }
        for (slong i = 0; i < d && fits && !progress && left > 0; i++)
            if (!done[i])
            {
                fits = open_block(factors, i, pairs, read_pairs(pairs, work->setting->invariant[i], work));
                done[i] = progress = 1;
                left--;
            }
    }
    for (slong b = 0; b < n && fits; b++)
        fits = factors->place[b].side != 0;
    flint_free(pairs);
    flint_free(done);
    return fits;
}

/* The unknown entry (i, j) of X or Y of a block, symmetric: x11, x12, ... */
static caustic_expr
unknown(const char * letter, slong block, slong blocks, slong i, slong j, const audit_work_t work)
{
    caustic_text_t name, longer;
    caustic_expr symbol;

    caustic_text_init(name);
    caustic_text_init(longer);
    if (blocks > 1)
        caustic_text_printf(name, "%s%ldx%ld%ld", letter, (long) block + 1, (long) FLINT_MIN(i, j) + 1, (long) FLINT_MAX(i, j) + 1);
    else
        caustic_text_printf(name, "%s%ld%ld", letter, (long) FLINT_MIN(i, j) + 1, (long) FLINT_MAX(i, j) + 1);
    caustic_text_printf(longer, "gram%s", name->data);
    symbol = audit_symbol(work, name->data, longer->data, 0);
    caustic_text_clear(name);
    caustic_text_clear(longer);
    return symbol;
}

/* F_0 of the entries (i, j) and (k, l) of M is delta_jl X_ik + delta_ik Y_jl. */
static void
write_isotropic(const factors_struct * factors, const audit_work_t work)
{
    caustic_audit_struct * audit = work->audit;
    caustic_pool * pool = work->setting->pool;
    slong d = work->coordinates;

    audit->isotropic_cometric = flint_calloc((size_t) (d * d), sizeof(caustic_expr));
    for (slong a = 0; a < d; a++)
        for (slong b = 0; b < d; b++)
        {
            const slong * p = factors->entry + 3 * a, * q = factors->entry + 3 * b;
            caustic_expr sum = caustic_integer(pool, 0);

            if (p[0] == q[0] && p[2] == q[2])
                sum = caustic_add(pool, sum, unknown("x", p[0], factors->blocks, p[1], q[1], work));
            if (p[0] == q[0] && p[1] == q[1])
                sum = caustic_add(pool, sum, unknown("y", p[0], factors->blocks, p[2], q[2], work));
            audit->isotropic_cometric[a * d + b] = sum;
        }
}

/* A_0 = 1. */
static int
is_euclidean(const audit_work_t work)
{
    slong n = work->parameters;
    int euclidean = 1;

    for (slong i = 0; i < n * n && euclidean; i++)
        euclidean = work->metric_expr[i] == caustic_integer(work->setting->pool, i % (n + 1) == 0);
    return euclidean;
}

/* [AUDIT-15] */
void
audit_factors(const audit_work_t work)
{
    factors_struct factors;
    int applies = is_euclidean(work) && work->coordinates > 0;

    memset(&factors, 0, sizeof(factors));
    factors.block = flint_calloc((size_t) FLINT_MAX(work->coordinates, 1), sizeof(block_struct));
    factors.place = flint_calloc((size_t) work->parameters, sizeof(place_struct));
    factors.entry = flint_calloc((size_t) (3 * FLINT_MAX(work->coordinates, 1)), sizeof(slong));
    applies = applies && read_factors(&factors, work);
    for (slong k = 0; k < factors.blocks && applies; k++)
        applies = factors.block[k].columns > 1 && factors.block[k].columns <= factors.block[k].rows[0]
            && factors.block[k].columns <= factors.block[k].rows[1];
    if (applies)
    {
        write_isotropic(&factors, work);
        caustic_checks_add(work->audit->checks, "isotropic_leaves", CAUSTIC_PROVED, "the coordinates are entries of %s M = U V^T, U %ld x %ld and"
            " V %ld x %ld, and F_0(P, P) = tr(P^T U U^T P) + tr(P V V^T P^T): on a leaf U^T U - V^T V = Delta it is a function K_c of M if and"
            " only if Delta = c I, and then X = U U^T and Y = V V^T are the positive semidefinite matrices of rank %ld with"
            " X^2 - c X = M M^T and Y^2 + c Y = M^T M, that is X = (c + sqrt(c^2 + 4 M M^T))/2 on the range of M",
            factors.blocks > 1 ? "products, the first being" : "a product", (long) factors.block[0].rows[0], (long) factors.block[0].columns,
            (long) factors.block[0].rows[1], (long) factors.block[0].columns, (long) factors.block[0].columns);
    }
    flint_free(factors.block);
    flint_free(factors.place);
    flint_free(factors.entry);
}
