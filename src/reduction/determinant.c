/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Determinants of matrices that are mostly zeros. A method without divisions expands even a
    triangular one into all elementary symmetric functions of its diagonal on the way.
*/

#include "reduction_internal.h"

typedef struct
{
    const gr_mat_struct * matrix;
    slong n;
    char * filled;     /* row-major: whether an entry is not certainly 0 */
    char * row_gone;
    char * column_gone;
}
sparse_struct;

/* The only filled entry that is left in a row, or in a column where transposed: its place, -1 where
   there are several, -2 where there is none. */
static slong
only_entry(const sparse_struct * sparse, slong line, int transposed)
{
    const char * gone = transposed ? sparse->row_gone : sparse->column_gone;
    slong found = -2;

    for (slong k = 0; k < sparse->n; k++)
    {
        char filled = transposed ? sparse->filled[k * sparse->n + line] : sparse->filled[line * sparse->n + k];

        if (gone[k] || !filled)
            continue;
        if (found >= 0)
            return -1;
        found = k;
    }

    return found;
}

/* A line with one entry left, by which to expand. 1: found; 0: there is none; -1: a line is 0. */
static int
find_expansion(slong * row, slong * column, const sparse_struct * sparse)
{
    for (slong line = 0; line < sparse->n; line++)
    {
        for (int transposed = 0; transposed < 2; transposed++)
        {
            slong place;

            if (transposed ? sparse->column_gone[line] : sparse->row_gone[line])
                continue;

            place = only_entry(sparse, line, transposed);
            if (place == -2)
                return -1;
            if (place >= 0)
            {
                *row = transposed ? place : line;
                *column = transposed ? line : place;
                return 1;
            }
        }
    }

    return 0;
}

static slong
left_before(const char * gone, slong k)
{
    slong count = 0;

    for (slong i = 0; i < k; i++)
        count += !gone[i];

    return count;
}

/* Multiplies by the determinant of the rows and columns that are listed. */
static int
multiply_by_minor(gr_ptr res, const sparse_struct * sparse, const slong * row, const slong * column, slong length,
    gr_ctx_t ctx)
{
    gr_mat_t minor;
    gr_ptr factor;
    int status = GR_SUCCESS;

    GR_TMP_INIT(factor, ctx);
    gr_mat_init(minor, length, length, ctx);

    for (slong i = 0; i < length; i++)
        for (slong j = 0; j < length; j++)
            status |= gr_set(gr_mat_entry_ptr(minor, i, j, ctx),
                gr_mat_entry_srcptr(sparse->matrix, row[i], column[j], ctx), ctx);

    /* Without divisions first; fractions are better eliminated, where they cancel at once. */
    if (status == GR_SUCCESS && gr_mat_det_berkowitz(factor, minor, ctx) != GR_SUCCESS)
        status |= gr_mat_det_lu(factor, minor, ctx);
    if (status == GR_SUCCESS)
        status |= gr_mul(res, res, factor, ctx);

    gr_mat_clear(minor, ctx);
    GR_TMP_CLEAR(factor, ctx);
    return status;
}

/* The rows and columns that are left and connected with the first such row, through filled entries;
   they are gone afterwards. */
static void
take_component(slong * row, slong * rows, slong * column, slong * columns, sparse_struct * sparse)
{
    slong n = sparse->n, first = 0;
    char * row_here = flint_calloc((size_t) n, 1);
    char * column_here = flint_calloc((size_t) n, 1);
    int grows = 1;

    while (sparse->row_gone[first])
        first++;
    row_here[first] = 1;
    while (grows)
    {
        grows = 0;
        for (slong i = 0; i < n; i++)
        {
            for (slong j = 0; j < n; j++)
            {
                if (sparse->row_gone[i] || sparse->column_gone[j] || !sparse->filled[i * n + j]
                    || row_here[i] == column_here[j])
                    continue;
                row_here[i] = column_here[j] = 1;
                grows = 1;
            }
        }
    }

    *rows = *columns = 0;
    for (slong i = 0; i < n; i++)
    {
        if (row_here[i])
            row[(*rows)++] = i;
        if (column_here[i])
            column[(*columns)++] = i;
        sparse->row_gone[i] |= row_here[i];
        sparse->column_gone[i] |= column_here[i];
    }

    flint_free(row_here);
    flint_free(column_here);
}

/* Whether a sequence of different numbers has an odd number of inversions. */
static int
is_odd(const slong * sequence, slong length)
{
    int odd = 0;

    for (slong i = 0; i < length; i++)
        for (slong j = i + 1; j < length; j++)
            odd ^= sequence[i] > sequence[j];

    return odd;
}

/* What is left falls into components: apart from the order of rows and columns, blocks on a diagonal. */
static int
multiply_by_rest(gr_ptr res, sparse_struct * sparse, slong left, gr_ctx_t ctx)
{
    slong * row = flint_malloc((size_t) left * sizeof(slong));
    slong * column = flint_malloc((size_t) left * sizeof(slong));
    slong done = 0;
    int status = GR_SUCCESS;

    while (done < left && status == GR_SUCCESS)
    {
        slong rows, columns;

        take_component(row + done, &rows, column + done, &columns, sparse);
        if (rows != columns)
        {
            status |= gr_zero(res, ctx);
            break;
        }
        status |= multiply_by_minor(res, sparse, row + done, column + done, rows, ctx);
        done += rows;
    }
    if (done == left && status == GR_SUCCESS && is_odd(row, left) != is_odd(column, left))
        status |= gr_neg(res, res, ctx);

    flint_free(row);
    flint_free(column);
    return status;
}

int
determinant(gr_ptr res, const gr_mat_t matrix, gr_ctx_t ctx)
{
    sparse_struct sparse;
    slong n = matrix->r, left = n, row = 0, column = 0;
    size_t size = (size_t) FLINT_MAX(n, 1);
    int status, found = 0, negative = 0;

    sparse.matrix = matrix;
    sparse.n = n;
    sparse.filled = flint_malloc(size * size);
    sparse.row_gone = flint_calloc(size, 1);
    sparse.column_gone = flint_calloc(size, 1);
    for (slong i = 0; i < n; i++)
        for (slong j = 0; j < n; j++)
            sparse.filled[i * n + j] = gr_is_zero(gr_mat_entry_srcptr(matrix, i, j, ctx), ctx) != T_TRUE;

    status = gr_one(res, ctx);
    while (left > 0 && status == GR_SUCCESS && (found = find_expansion(&row, &column, &sparse)) > 0)
    {
        status |= gr_mul(res, res, gr_mat_entry_srcptr(matrix, row, column, ctx), ctx);
        negative ^= (left_before(sparse.row_gone, row) + left_before(sparse.column_gone, column)) & 1;
        sparse.row_gone[row] = 1;
        sparse.column_gone[column] = 1;
        left--;
    }

    if (found < 0)
        status |= gr_zero(res, ctx);
    else if (left > 0 && status == GR_SUCCESS)
        status |= multiply_by_rest(res, &sparse, left, ctx);
    if (negative && status == GR_SUCCESS)
        status |= gr_neg(res, res, ctx);

    flint_free(sparse.filled);
    flint_free(sparse.row_gone);
    flint_free(sparse.column_gone);
    return status;
}
