/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Arrays of expressions and what is done with them entry by entry.
*/

#include <stdio.h>
#include <string.h>
#include "network/network_internal.h"
#include "expression/pool_internal.h"

/* Life *******************************************************************************************/

void caustic_tensor_init(caustic_tensor_t tensor)
{
    memset(tensor, 0, sizeof(caustic_tensor_struct));
    tensor->entries = 1;
    tensor->entry = flint_calloc(1, sizeof(caustic_expr));
}

void caustic_tensor_clear(caustic_tensor_t tensor)
{
    flint_free(tensor->entry);
    memset(tensor, 0, sizeof(caustic_tensor_struct));
}

static size_t room_of(const caustic_tensor_struct * x)
{
    return (size_t) FLINT_MAX(x->rows, 1) * (size_t) x->entries;
}

void caustic_tensor_set(caustic_tensor_t res, const caustic_tensor_t x)
{
    caustic_expr * entry;

    if (res == x)
        return;
    entry = flint_malloc(FLINT_MAX(room_of(x), 1) * sizeof(caustic_expr));
    memcpy(entry, x->entry, room_of(x) * sizeof(caustic_expr));
    flint_free(res->entry);
    *res = *x;
    res->entry = entry;
}

int caustic_tensor_allocate(caustic_tensor_t tensor, slong rank, const slong * shape, slong rows)
{
    slong entries = 1;

    if (rank < 0 || rank > CAUSTIC_TENSOR_RANK)
        return 0;
    for (slong k = 0; k < rank; k++)
    {
        if (shape[k] < 1 || entries > CAUSTIC_TENSOR_ENTRIES / shape[k])
            return 0;
        entries *= shape[k];
    }
    if (rows > CAUSTIC_NETWORK_WORK / entries)
        return 0;
    if (rank > 0)
        memmove(tensor->shape, shape, (size_t) rank * sizeof(slong));
    tensor->rank = rank;
    tensor->rows = rows;
    tensor->entries = entries;
    flint_free(tensor->entry);
    tensor->entry = flint_calloc(room_of(tensor), sizeof(caustic_expr));
    return 1;
}

void caustic_tensor_entry_name(caustic_text_t out, const char * name, const caustic_tensor_t tensor, slong i)
{
    slong longest = 1, step = tensor->entries;
    int digits = 1;

    for (slong k = 0; k < tensor->rank; k++)
        longest = FLINT_MAX(longest, tensor->shape[k]);
    for (; tensor->rank > 1 && longest > 9; longest /= 10)
        digits++;
    caustic_text_append(out, name);
    for (slong k = 0; k < tensor->rank; k++)
    {
        step /= tensor->shape[k];
        caustic_text_printf(out, "%0*ld", digits, (long) (i / step % tensor->shape[k] + 1));
    }
}

const char * tensor_shape_text(char * text, const caustic_tensor_struct * x)
{
    size_t used;

    if (x->rank == 0)
        return strcpy(text, "a scalar");
    strcpy(text, "[");
    for (slong k = 0; k < x->rank; k++)
    {
        used = strlen(text);
        snprintf(text + used, SHAPE_TEXT - used, "%s" WORD_FMT "d", k > 0 ? ", " : "", x->shape[k]);
    }
    return strcat(text, "]");
}

/* Room and limits ********************************************************************************/

/* Canonical forms take a few nodes more than what is written. */
#define NODES_ON_THE_WAY (10 * (size_t) CAUSTIC_EXPRESSION_NODES)

static caustic_result check_work(builder * b)
{
    if (b->work > CAUSTIC_NETWORK_WORK || b->pool->length - b->nodes_before > NODES_ON_THE_WAY)
        return fail(b, "written out entry by entry, the network takes more than %d operations up to here, the limit",
            CAUSTIC_NETWORK_WORK);
    return CAUSTIC_OK;
}

caustic_result expect_work(builder * b, double operations)
{
    if ((double) b->work + operations > CAUSTIC_NETWORK_WORK)
        return fail(b, "written out entry by entry, the network takes more than %d operations up to here, the limit",
            CAUSTIC_NETWORK_WORK);
    return CAUSTIC_OK;
}

caustic_result tensor_room(caustic_tensor_struct * out, builder * b, slong rank, const slong * shape, slong rows)
{
    if (rank > CAUSTIC_TENSOR_RANK)
        return fail(b, "this would have " WORD_FMT "d axes; arrays have up to %d", rank, CAUSTIC_TENSOR_RANK);
    if (!caustic_tensor_allocate(out, rank, shape, rows))
        return fail(b, "this array would have more than %d entries (or, with those of all data rows, %d), the limit",
            CAUSTIC_TENSOR_ENTRIES, CAUSTIC_NETWORK_WORK);
    b->work += (slong) room_of(out);
    return check_work(b);
}

caustic_result tensor_finish(const caustic_tensor_struct * out, builder * b)
{
    for (size_t i = 0; i < room_of(out); i++)
    {
        if (out->entry[i] == CAUSTIC_NONE)
        {
            slong row = (slong) i / out->entries;
            char where[40] = "";

            if (out->rows > 0)
                snprintf(where, sizeof(where), " in data row " WORD_FMT "d", row + 1);
            return fail(b, "this is nowhere defined%s: a division by zero, a root or logarithm of what is not positive, or a"
                " number of more than %d digits", where, CAUSTIC_NUMBER_DIGITS);
        }
    }
    return check_work(b);
}

/* Scalars ****************************************************************************************/

static caustic_expr counted(builder * b, caustic_expr e)
{
    b->work += 1;
    if (e != CAUSTIC_NONE)
    {
        b->work += caustic_expr_arity(b->pool, e);
        if (pool_is_number(b->pool, e)) /* long numbers take longer */
            b->work += (slong) (fmpz_bits(fmpq_numref(pool_get(b->pool, e)->value))
                + fmpz_bits(fmpq_denref(pool_get(b->pool, e)->value))) / 64;
    }
    return e;
}

/* Past the limit nothing is built any more; tensor_finish says so. */
static int is_over(const builder * b)
{
    return b->work > CAUSTIC_NETWORK_WORK;
}

caustic_expr build_sum(builder * b, const caustic_expr * terms, slong length)
{
    b->work += length;
    return is_over(b) ? caustic_integer(b->pool, 0) : counted(b, caustic_sum(b->pool, terms, length));
}

caustic_expr build_mul(builder * b, caustic_expr x, caustic_expr y)
{
    return is_over(b) ? x : counted(b, caustic_mul(b->pool, x, y));
}

caustic_expr build_sub(builder * b, caustic_expr x, caustic_expr y)
{
    return is_over(b) ? x : counted(b, caustic_sub(b->pool, x, y));
}

caustic_expr build_div(builder * b, caustic_expr x, caustic_expr y)
{
    return is_over(b) ? x : counted(b, caustic_div(b->pool, x, y));
}

caustic_expr build_function(builder * b, caustic_op op, caustic_expr x)
{
    return is_over(b) ? x : counted(b, op == CAUSTIC_OP_POWER ? caustic_sqrt(b->pool, x) : caustic_function(b->pool, op, x));
}

caustic_expr build_dot(builder * b, const caustic_expr * x, slong x_step, const caustic_expr * y, slong y_step, slong length)
{
    caustic_expr * term = flint_malloc((size_t) length * sizeof(caustic_expr));
    caustic_expr sum;

    for (slong i = 0; i < length; i++)
        term[i] = build_mul(b, x[i * x_step], y[i * y_step]);
    sum = build_sum(b, term, length);
    flint_free(term);
    return sum;
}

caustic_expr build_over(builder * b, caustic_expr x, slong n)
{
    return build_div(b, x, caustic_integer(b->pool, n));
}

caustic_result integer_argument(slong * value, builder * b, const caustic_tensor_struct * x, slong least, slong most,
    const char * what)
{
    const fmpq * number = x->rank == 0 && x->rows == 0 && caustic_expr_op(b->pool, x->entry[0]) == CAUSTIC_OP_NUMBER
        ? caustic_expr_fmpq(b->pool, x->entry[0]) : NULL;

    if (number == NULL || !fmpz_is_one(fmpq_denref(number)) || fmpz_cmp_si(fmpq_numref(number), least) < 0
        || fmpz_cmp_si(fmpq_numref(number), most) > 0)
        return fail(b, "expected an integer from " WORD_FMT "d to " WORD_FMT "d for %s", least, most, what);
    *value = fmpz_get_si(fmpq_numref(number));
    return CAUSTIC_OK;
}

/* Entry by entry *********************************************************************************/

/* Whether y's shape is the end of x's. */
static int ends_with(const caustic_tensor_struct * x, const caustic_tensor_struct * y)
{
    return y->rank <= x->rank
        && (y->rank == 0 || memcmp(x->shape + x->rank - y->rank, y->shape, (size_t) y->rank * sizeof(slong)) == 0);
}

static caustic_result mismatch(builder * b, const char * what, const caustic_tensor_struct * x, const caustic_tensor_struct * y)
{
    char left[SHAPE_TEXT], right[SHAPE_TEXT];

    return fail(b, "the shapes do not fit for %s: %s and %s", what, tensor_shape_text(left, x), tensor_shape_text(right, y));
}

caustic_result tensor_binary(caustic_tensor_struct * out, builder * b, char op, const caustic_tensor_struct * x,
    const caustic_tensor_struct * y)
{
    const caustic_tensor_struct * larger = ends_with(x, y) ? x : y;
    const char what[] = {op, '\0'};
    slong row, i;

    if (!ends_with(x, y) && !ends_with(y, x))
        return mismatch(b, what, x, y);
    TRY(tensor_room(out, b, larger->rank, larger->shape, common_rows(x, y)));
    for (row = 0; row < FLINT_MAX(out->rows, 1); row++)
    {
        for (i = 0; i < out->entries; i++)
        {
            caustic_expr left = tensor_row(x, row)[i % x->entries], right = tensor_row(y, row)[i % y->entries];

            out->entry[row * out->entries + i] = op == '*' ? build_mul(b, left, right)
                : op == '/' ? build_div(b, left, right) : op == '-' ? build_sub(b, left, right)
                : build_sum(b, (caustic_expr []) {left, right}, 2);
        }
    }
    return tensor_finish(out, b);
}

caustic_result tensor_negate(caustic_tensor_struct * out, builder * b, const caustic_tensor_struct * x)
{
    TRY(tensor_room(out, b, x->rank, x->shape, x->rows));
    for (size_t i = 0; i < room_of(x); i++)
        out->entry[i] = counted(b, caustic_neg(b->pool, x->entry[i]));
    return tensor_finish(out, b);
}

caustic_result tensor_add(caustic_tensor_struct * out, builder * b, const caustic_tensor_struct * argument, const char * minus,
    slong length)
{
    const caustic_tensor_struct * largest = argument;
    caustic_expr * term;
    slong rows = 0;

    for (slong k = 0; k < length; k++)
    {
        if (!ends_with(largest, argument + k) && !ends_with(argument + k, largest))
            return mismatch(b, minus[k] ? "-" : "+", largest, argument + k);
        largest = ends_with(largest, argument + k) ? largest : argument + k;
        rows = FLINT_MAX(rows, argument[k].rows);
    }
    TRY(tensor_room(out, b, largest->rank, largest->shape, rows));
    term = flint_malloc((size_t) length * sizeof(caustic_expr));
    for (slong row = 0; row < FLINT_MAX(rows, 1); row++)
    {
        for (slong i = 0; i < out->entries; i++)
        {
            for (slong k = 0; k < length; k++)
            {
                caustic_expr e = tensor_row(argument + k, row)[i % argument[k].entries];

                term[k] = minus[k] ? counted(b, caustic_neg(b->pool, e)) : e;
            }
            out->entry[row * out->entries + i] = build_sum(b, term, length);
        }
    }
    flint_free(term);
    return tensor_finish(out, b);
}

caustic_result tensor_power(caustic_tensor_struct * out, builder * b, const caustic_tensor_struct * x,
    const caustic_tensor_struct * exponent)
{
    if (exponent->rank != 0 || exponent->rows != 0 || caustic_expr_op(b->pool, exponent->entry[0]) != CAUSTIC_OP_NUMBER)
        return fail(b, "exponents are rational numbers; write exp(b*log(a)) for a^b");
    TRY(tensor_room(out, b, x->rank, x->shape, x->rows));
    for (size_t i = 0; i < room_of(x); i++)
        out->entry[i] = is_over(b) ? x->entry[i]
            : counted(b, caustic_power(b->pool, x->entry[i], caustic_expr_fmpq(b->pool, exponent->entry[0])));
    return tensor_finish(out, b);
}

caustic_result tensor_map(caustic_tensor_struct * out, builder * b, caustic_op op, const caustic_tensor_struct * x)
{
    TRY(tensor_room(out, b, x->rank, x->shape, x->rows));
    for (size_t i = 0; i < room_of(x); i++)
        out->entry[i] = build_function(b, op, x->entry[i]);
    return tensor_finish(out, b);
}

/* Axes *******************************************************************************************/

caustic_result tensor_product(caustic_tensor_struct * out, builder * b, const caustic_tensor_struct * x,
    const caustic_tensor_struct * y)
{
    slong m = x->rank == 2 ? x->shape[0] : 1, k = x->rank > 0 ? x->shape[x->rank - 1] : 0;
    slong n = y->rank == 2 ? y->shape[1] : 1, rank = 0, shape[2];

    if (x->rank < 1 || x->rank > 2 || y->rank < 1 || y->rank > 2)
    {
        char left[SHAPE_TEXT], right[SHAPE_TEXT];

        return fail(b, "@ multiplies vectors and matrices; found %s @ %s%s", tensor_shape_text(left, x), tensor_shape_text(right, y),
            x->rank == 0 || y->rank == 0 ? "; with a scalar write *" : "");
    }
    if (y->shape[0] != k)
        return mismatch(b, "@ (columns of the left, rows of the right)", x, y);
    if (x->rank == 2)
        shape[rank++] = m;
    if (y->rank == 2)
        shape[rank++] = n;
    TRY(tensor_room(out, b, rank, shape, common_rows(x, y)));
    TRY(expect_work(b, (double) FLINT_MAX(out->rows, 1) * (double) out->entries * (double) k));
    for (slong row = 0; row < FLINT_MAX(out->rows, 1); row++)
        for (slong i = 0; i < m; i++)
            for (slong j = 0; j < n; j++)
                out->entry[row * out->entries + i * n + j]
                    = build_dot(b, tensor_row(x, row) + i * k, 1, tensor_row(y, row) + j, n, k);
    return tensor_finish(out, b);
}

caustic_result tensor_stack(caustic_tensor_struct * out, builder * b, const caustic_tensor_struct * argument, slong length)
{
    const caustic_tensor_struct * first = argument;
    slong shape[CAUSTIC_TENSOR_RANK + 1] = {length}, rows = 0;

    for (slong k = 0; k < length; k++)
    {
        if (argument[k].rank != first->rank || !ends_with(first, argument + k))
            return mismatch(b, "a list, whose entries have one shape", first, argument + k);
        rows = FLINT_MAX(rows, argument[k].rows);
    }
    for (slong k = 0; k < first->rank; k++)
        shape[k + 1] = first->shape[k];
    TRY(tensor_room(out, b, first->rank + 1, shape, rows));
    for (slong row = 0; row < FLINT_MAX(rows, 1); row++)
        for (slong k = 0; k < length; k++)
            memcpy(out->entry + row * out->entries + k * first->entries, tensor_row(argument + k, row),
                (size_t) first->entries * sizeof(caustic_expr));
    return tensor_finish(out, b);
}

caustic_result tensor_part(caustic_tensor_struct * out, builder * b, const caustic_tensor_struct * x, const slong * first,
    const slong * last, const int * keep)
{
    slong shape[CAUSTIC_TENSOR_RANK], rank = 0;

    for (slong k = 0; k < x->rank; k++)
        if (keep[k])
            shape[rank++] = last[k] - first[k] + 1;
    TRY(tensor_room(out, b, rank, shape, x->rows));
    for (slong i = 0; i < out->entries; i++)
    {
        slong rest = i, from = 0, step = 1;

        for (slong k = x->rank - 1; k >= 0; k--)
        {
            slong side = last[k] - first[k] + 1;

            from += step * (first[k] + rest % side);
            rest /= side;
            step *= x->shape[k];
        }
        for (slong row = 0; row < FLINT_MAX(x->rows, 1); row++)
            out->entry[row * out->entries + i] = tensor_row(x, row)[from];
    }
    return tensor_finish(out, b);
}

caustic_result tensor_transpose(caustic_tensor_struct * out, builder * b, const caustic_tensor_struct * argument, slong length)
{
    slong m, n, shape[2];
    char text[SHAPE_TEXT];

    (void) length;
    if (argument->rank != 2)
        return fail(b, "transpose(...) takes a matrix; found %s", tensor_shape_text(text, argument));
    m = argument->shape[0];
    n = argument->shape[1];
    shape[0] = n;
    shape[1] = m;
    TRY(tensor_room(out, b, 2, shape, argument->rows));
    for (slong row = 0; row < FLINT_MAX(out->rows, 1); row++)
        for (slong i = 0; i < n; i++)
            for (slong j = 0; j < m; j++)
                out->entry[row * out->entries + i * m + j] = tensor_row(argument, row)[j * n + i];
    return tensor_finish(out, b);
}
