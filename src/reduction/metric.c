/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    The inverse metric, block by block: its volume, and that it is positive definite.
*/

#include "reduction_internal.h"

#define MINORS_LIMIT 200 /* of the factor of a Gram matrix that are looked at */
#define INVERSE_SIZE 9   /* of a block whose inverse is looked at */

/* Blocks **************************************************************************************/

/* A diagonal block of the matrix, apart from a permutation of rows and columns. */
typedef struct
{
    slong length;
    slong * index;
    slong times;    /* how often the same block occurs */
    gr_mat_t matrix;
}
block_struct;

/* The blocks that are different. */
typedef struct
{
    slong length;
    block_struct * block;
}
blocks_struct;

typedef blocks_struct blocks_t[1];

static int
is_filled(const gr_mat_t matrix, slong i, slong j, gr_ctx_t ctx)
{
    return gr_is_zero(gr_mat_entry_srcptr(matrix, i, j, ctx), ctx) != T_TRUE
        || gr_is_zero(gr_mat_entry_srcptr(matrix, j, i, ctx), ctx) != T_TRUE;
}

/* The rows that are connected with the first one, along entries that are not certainly 0, in order. */
static slong
connected_rows(slong * index, char * seen, const gr_mat_t matrix, slong first, gr_ctx_t ctx)
{
    slong n = matrix->r, tail = 0, length = 0;
    slong * queue = flint_malloc((size_t) n * sizeof(slong));
    char * here = flint_calloc((size_t) n, 1);

    queue[tail++] = first;
    seen[first] = here[first] = 1;
    for (slong head = 0; head < tail; head++)
    {
        for (slong j = 0; j < n; j++)
        {
            if (!seen[j] && is_filled(matrix, queue[head], j, ctx))
            {
                seen[j] = here[j] = 1;
                queue[tail++] = j;
            }
        }
    }
    for (slong i = 0; i < n; i++)
        if (here[i])
            index[length++] = i;

    flint_free(queue);
    flint_free(here);
    return length;
}

/* Appends the block of these rows, or counts it where it is there already. */
static int
add_block(blocks_t blocks, const slong * index, slong length, const gr_mat_t matrix, gr_ctx_t ctx)
{
    block_struct * block = blocks->block + blocks->length;
    int status = GR_SUCCESS;

    gr_mat_init(block->matrix, length, length, ctx);
    for (slong i = 0; i < length; i++)
        for (slong j = 0; j < length; j++)
            status |= gr_set(gr_mat_entry_ptr(block->matrix, i, j, ctx),
                gr_mat_entry_srcptr(matrix, index[i], index[j], ctx), ctx);

    for (slong b = 0; b < blocks->length; b++)
    {
        if (blocks->block[b].length == length && gr_mat_equal(blocks->block[b].matrix, block->matrix, ctx) == T_TRUE)
        {
            blocks->block[b].times++;
            gr_mat_clear(block->matrix, ctx);
            return status;
        }
    }

    block->length = length;
    block->times = 1;
    block->index = flint_malloc((size_t) length * sizeof(slong));
    for (slong i = 0; i < length; i++)
        block->index[i] = index[i];
    blocks->length++;
    return status;
}

static int
blocks_init(blocks_t blocks, const gr_mat_t matrix, gr_ctx_t ctx)
{
    slong n = matrix->r;
    slong * index = flint_malloc((size_t) FLINT_MAX(n, 1) * sizeof(slong));
    char * seen = flint_calloc((size_t) FLINT_MAX(n, 1), 1);
    int status = GR_SUCCESS;

    blocks->length = 0;
    blocks->block = flint_malloc((size_t) FLINT_MAX(n, 1) * sizeof(block_struct));
    for (slong i = 0; i < n; i++)
        if (!seen[i])
            status |= add_block(blocks, index, connected_rows(index, seen, matrix, i, ctx), matrix, ctx);

    flint_free(index);
    flint_free(seen);
    return status;
}

static void
blocks_clear(blocks_t blocks, gr_ctx_t ctx)
{
    for (slong b = 0; b < blocks->length; b++)
    {
        gr_mat_clear(blocks->block[b].matrix, ctx);
        flint_free(blocks->block[b].index);
    }

    flint_free(blocks->block);
}

/* Whether B_(i,j),(k,l) = B_00 X_ik Y_jl with X_ik = B_(i,0),(k,0)/B_00, of size `rows`, and Y_jl = B_(0,j),(0,l)/B_00:
   then both are initialised here. What the entries have in common cancels. [REDUCTION-16] */
static int
kronecker_factors(gr_mat_t x, gr_mat_t y, const gr_mat_t block, slong rows, gr_ctx_t ctx)
{
    slong columns = block->r / rows;
    gr_srcptr corner = gr_mat_entry_srcptr(block, 0, 0, ctx);
    gr_ptr product;
    int status = GR_SUCCESS, equal;

    gr_mat_init(x, rows, rows, ctx);
    gr_mat_init(y, columns, columns, ctx);
    GR_TMP_INIT(product, ctx);

    for (slong i = 0; i < rows; i++)
        for (slong k = 0; k < rows; k++)
            status |= gr_div(gr_mat_entry_ptr(x, i, k, ctx), gr_mat_entry_srcptr(block, i * columns, k * columns, ctx), corner, ctx);
    for (slong j = 0; j < columns; j++)
        for (slong l = 0; l < columns; l++)
            status |= gr_div(gr_mat_entry_ptr(y, j, l, ctx), gr_mat_entry_srcptr(block, j, l, ctx), corner, ctx);

    equal = status == GR_SUCCESS;
    for (slong a = 0; a < block->r && equal; a++)
    {
        for (slong b = 0; b < block->r && equal; b++)
        {
            status |= gr_mul(product, gr_mat_entry_srcptr(x, a / columns, b / columns, ctx),
                gr_mat_entry_srcptr(y, a % columns, b % columns, ctx), ctx);
            status |= gr_mul(product, product, corner, ctx);
            equal = status == GR_SUCCESS && gr_equal(product, gr_mat_entry_srcptr(block, a, b, ctx), ctx) == T_TRUE;
        }
    }

    GR_TMP_CLEAR(product, ctx);
    if (!equal)
    {
        gr_mat_clear(x, ctx);
        gr_mat_clear(y, ctx);
    }
    return equal;
}

/* Such factors of any size but the trivial ones. */
static int
find_kronecker_factors(gr_mat_t x, gr_mat_t y, const gr_mat_t block, gr_ctx_t ctx)
{
    for (slong rows = 2; rows <= block->r / 2; rows++)
        if (block->r % rows == 0 && kronecker_factors(x, y, block, rows, ctx))
            return 1;

    return 0;
}

/* Adds times * d_a log det of the matrix. */
static int
add_log_determinant(gr_mat_t res, const gr_mat_t matrix, slong times, gr_ctx_t ctx)
{
    gr_ptr volume, slope;
    int status;

    GR_TMP_INIT2(volume, slope, ctx);
    status = determinant(volume, matrix, ctx);
    for (slong k = 0; k < res->r && status == GR_SUCCESS; k++)
    {
        gr_ptr sum = gr_mat_entry_ptr(res, k, 0, ctx);

        status |= caustic_field_derivative(slope, volume, k, ctx);
        if (gr_is_zero(slope, ctx) == T_TRUE)
            continue;
        status |= gr_div(slope, slope, volume, ctx);
        status |= gr_mul_si(slope, slope, times, ctx);
        status |= gr_add(sum, sum, slope, ctx);
    }
    GR_TMP_CLEAR2(volume, slope, ctx);
    return status;
}

/* det B = B_00^(pq) det(X)^q det(Y)^p for a p x p matrix X and a q x q matrix Y. */
static int
add_log_volume(gr_mat_t res, const block_struct * block, gr_ctx_t ctx)
{
    gr_mat_t x, y, corner;
    slong p, q;
    int status;

    if (!find_kronecker_factors(x, y, block->matrix, ctx))
        return add_log_determinant(res, block->matrix, block->times, ctx);

    p = x->r;
    q = y->r;
    gr_mat_window_init(corner, block->matrix, 0, 0, 1, 1, ctx);
    status = add_log_determinant(res, x, block->times * q, ctx);
    status |= add_log_determinant(res, y, block->times * p, ctx);
    status |= add_log_determinant(res, corner, block->times * p * q, ctx);
    gr_mat_window_clear(corner, ctx);
    gr_mat_clear(x, ctx);
    gr_mat_clear(y, ctx);
    return status;
}

/* The determinant of a matrix is the product of those of its blocks, so the logarithms add up. */
int
log_volume(gr_mat_t res, const gr_mat_t a, gr_ctx_t ctx)
{
    blocks_t blocks;
    int status = blocks_init(blocks, a, ctx);

    status |= gr_mat_zero(res, ctx);
    for (slong b = 0; b < blocks->length && status == GR_SUCCESS; b++)
        status |= add_log_volume(res, blocks->block + b, ctx);

    blocks_clear(blocks, ctx);
    return status;
}

/* Positive definite ***************************************************************************/

/* The next choice of `length` among n in lexicographic order; 0 after the last. */
static int
next_choice(slong * choice, slong length, slong n)
{
    for (slong i = length - 1; i >= 0; i--)
    {
        if (choice[i] < n - length + i)
        {
            choice[i]++;
            for (slong j = i + 1; j < length; j++)
                choice[j] = choice[j - 1] + 1;
            return 1;
        }
    }

    return 0;
}

/* Whether an r x n matrix, r >= n, has rank n everywhere on the stratum: some minor has no zeros there. */
static int
has_full_rank(const gr_mat_t factor, const caustic_setting_t setting, gr_ctx_t ctx)
{
    slong n = factor->c;
    slong * choice;
    gr_mat_t minor;
    gr_ptr value;
    int full = 0, left = MINORS_LIMIT;

    if (factor->r < n)
        return 0;

    choice = flint_malloc((size_t) n * sizeof(slong));
    gr_mat_init(minor, n, n, ctx);
    GR_TMP_INIT(value, ctx);
    for (slong i = 0; i < n; i++)
        choice[i] = i;

    do
    {
        int status = GR_SUCCESS;

        for (slong i = 0; i < n; i++)
            for (slong j = 0; j < n; j++)
                status |= gr_set(gr_mat_entry_ptr(minor, i, j, ctx), gr_mat_entry_srcptr(factor, choice[i], j, ctx), ctx);

        full = status == GR_SUCCESS && determinant(value, minor, ctx) == GR_SUCCESS
            && caustic_field_is_nonzero_on(value, setting->stratum, setting->strata, ctx);
    }
    while (!full && --left > 0 && next_choice(choice, n, factor->r));

    flint_free(choice);
    gr_mat_clear(minor, ctx);
    GR_TMP_CLEAR(value, ctx);
    return full;
}

static int
is_nonsingular(const gr_mat_t block, const caustic_setting_t setting, gr_ctx_t ctx)
{
    gr_ptr value;
    int nonsingular;

    GR_TMP_INIT(value, ctx);
    nonsingular = determinant(value, block, ctx) == GR_SUCCESS
        && caustic_field_is_nonzero_on(value, setting->stratum, setting->strata, ctx);
    GR_TMP_CLEAR(value, ctx);
    return nonsingular;
}

/* V^T C V with C > 0 is positive definite where V has full column rank. [REDUCTION-6] */
static int
is_definite_gram(const gr_mat_t block, const caustic_setting_t setting, gr_ctx_t ctx)
{
    gr_mat_t factor, weights;
    int definite = 0;

    if (caustic_field_gram(factor, weights, block, ctx))
    {
        definite = has_full_rank(factor, setting, ctx) || is_nonsingular(block, setting, ctx);
        gr_mat_clear(factor, ctx);
        gr_mat_clear(weights, ctx);
    }

    return definite;
}

static int
is_inverse_of_definite_gram(const gr_mat_t block, const caustic_setting_t setting, gr_ctx_t ctx)
{
    slong n = block->r;
    gr_mat_t inverse;
    gr_ptr volume;
    int definite = n <= INVERSE_SIZE;

    gr_mat_init(inverse, n, n, ctx);
    GR_TMP_INIT(volume, ctx);
    definite = definite && gr_mat_adjugate(inverse, volume, block, ctx) == GR_SUCCESS
        && gr_mat_div_scalar(inverse, inverse, volume, ctx) == GR_SUCCESS
        && is_definite_gram(inverse, setting, ctx);
    gr_mat_clear(inverse, ctx);
    GR_TMP_CLEAR(volume, ctx);
    return definite;
}

/* Sylvester's criterion; where a minor's sign is open, the first such says so. */
static int
are_minors_positive(const gr_mat_t block, const caustic_setting_t setting, gr_ctx_t ctx)
{
    gr_mat_t window;
    gr_ptr value;
    int positive = 1;

    GR_TMP_INIT(value, ctx);
    for (slong m = 1; m <= block->r && positive; m++)
    {
        gr_mat_window_init(window, block, 0, 0, m, m, ctx);
        positive = determinant(value, window, ctx) == GR_SUCCESS
            && caustic_field_sign_on(value, setting->stratum, setting->strata, ctx) == CAUSTIC_SIGN_POSITIVE;
        gr_mat_window_clear(window, ctx);
    }
    GR_TMP_CLEAR(value, ctx);
    return positive;
}

/* Says of a block that could not be proved positive definite what is known of its leading minors. */
static void
require_minors(statement_t metric, const block_struct * block, const caustic_setting_t setting, gr_ctx_t ctx)
{
    gr_mat_t window;
    gr_ptr value;

    GR_TMP_INIT(value, ctx);
    for (slong m = 1; m <= block->length && metric->verdict != CAUSTIC_REFUTED; m++)
    {
        int status;

        gr_mat_window_init(window, block->matrix, 0, 0, m, m, ctx);
        status = determinant(value, window, ctx);
        gr_mat_window_clear(window, ctx);

        if (!statement_require_success(metric, status, "leading minor %ld", (long) m)
            || caustic_field_sign_on(value, setting->stratum, setting->strata, ctx) == CAUSTIC_SIGN_POSITIVE)
            continue;

        if (block->length == 1)
            statement_require_sign(metric, value, 1, ctx,
                "positive definiteness of the inverse metric: diagonal entry %ld > 0", (long) block->index[0] + 1);
        else
            statement_require_sign(metric, value, 1, ctx,
                "positive definiteness of the inverse metric: leading minor %ld > 0 of the block with row %ld",
                (long) m, (long) block->index[0] + 1);
    }
    GR_TMP_CLEAR(value, ctx);
}

static int
is_definite(const gr_mat_t block, const caustic_setting_t setting, gr_ctx_t ctx)
{
    return (block->r > 1 && is_definite_gram(block, setting, ctx)) || are_minors_positive(block, setting, ctx)
        || (block->r > 1 && is_inverse_of_definite_gram(block, setting, ctx));
}

/* B_00 X (x) Y is positive definite where B_00 > 0, X and Y are. [REDUCTION-16] */
static int
is_definite_product(const gr_mat_t block, const caustic_setting_t setting, gr_ctx_t ctx)
{
    gr_mat_t x, y;
    int definite = 0;

    if (find_kronecker_factors(x, y, block, ctx))
    {
        definite = caustic_field_sign_on(gr_mat_entry_srcptr(block, 0, 0, ctx), setting->stratum, setting->strata, ctx)
                == CAUSTIC_SIGN_POSITIVE
            && is_definite(x, setting, ctx) && is_definite(y, setting, ctx);
        gr_mat_clear(x, ctx);
        gr_mat_clear(y, ctx);
    }
    return definite;
}

/* A negative entry on the diagonal refutes at once, before anything that takes long is tried. */
static void
require_diagonal(statement_t metric, const block_struct * block, gr_ctx_t ctx)
{
    caustic_witness_t witness;

    caustic_witness_init(witness, caustic_field_symbols(ctx));
    for (slong i = 0; i < block->length && block->length > 1; i++)
    {
        gr_srcptr entry = gr_mat_entry_srcptr(block->matrix, i, i, ctx);

        if (caustic_field_find_sign(witness, entry, -1, ctx))
            statement_require_sign(metric, entry, 1, ctx,
                "positive definiteness of the inverse metric: diagonal entry %ld > 0", (long) block->index[i] + 1);
    }
    caustic_witness_clear(witness);
}

static void
require_definite(statement_t metric, const block_struct * block, const caustic_setting_t setting, gr_ctx_t ctx)
{
    require_diagonal(metric, block, ctx);
    if (metric->verdict == CAUSTIC_REFUTED)
        return;

    if (!is_definite_product(block->matrix, setting, ctx) && !is_definite(block->matrix, setting, ctx))
        require_minors(metric, block, setting, ctx);
}

/* metric: A smooth, symmetric and positive definite. */
void
check_metric(caustic_reduction_t reduction, const upstairs_t up)
{
    const caustic_setting_struct * setting = reduction->setting;
    gr_ctx_struct * ctx = reduction->upstairs;
    slong n = setting->parameters;
    blocks_t blocks;
    gr_ptr value;
    statement_t metric;

    GR_TMP_INIT(value, ctx);
    statement_init(metric, "metric");

    for (slong a = 0; a < n; a++)
    {
        for (slong b = 0; b < n; b++)
        {
            statement_require_smooth(metric, setting->inverse_metric[a * n + b], setting->stratum, setting->strata, ctx,
                "entry (%ld, %ld) of the inverse metric", (long) a + 1, (long) b + 1);

            if (a < b && statement_require_success(metric, gr_sub(value, gr_mat_entry_srcptr(up->inverse_metric, a, b, ctx),
                    gr_mat_entry_srcptr(up->inverse_metric, b, a, ctx), ctx),
                    "entry (%ld, %ld) minus its mirror image", (long) a + 1, (long) b + 1))
                statement_require_zero(metric, value, ctx,
                    "the inverse metric is not symmetric: entry (%ld, %ld) minus its mirror image",
                    (long) a + 1, (long) b + 1);
        }
    }

    if (statement_require_success(metric, blocks_init(blocks, up->inverse_metric, ctx), "a block of the inverse metric"))
        for (slong b = 0; b < blocks->length && metric->verdict != CAUSTIC_REFUTED; b++)
            require_definite(metric, blocks->block + b, setting, ctx);

    statement_conclude(reduction->checks, metric, "symmetric, and positive definite on the whole domain");
    blocks_clear(blocks, ctx);
    GR_TMP_CLEAR(value, ctx);
}
