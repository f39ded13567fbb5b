/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Gram matrices B = V^T C V are read off their entries: the squares on the diagonal name the entries
    of V, the products off it say which of them stand in one row. What was read is then checked exactly.
    [REDUCTION-6]
*/

#include <flint/fmpq_vec.h>
#include "field_internal.h"

#define GRAM_SIZE 40
#define GRAM_NODES 400

/* An entry of V that is not 0: c v^2 = coefficient * monomial^2 is a term of the diagonal. */
typedef struct
{
    slong column;
    ulong * exponents;
    fmpq_t coefficient;
    slong row;         /* -1 until it is known */
    fmpq_t multiple;   /* v = multiple * monomial */
}
node_struct;

typedef struct
{
    caustic_field * field;
    slong variables;
    slong size;
    field_operand_struct * entry; /* the matrix, row-major */
    slong nodes;
    node_struct * node;
    slong rows;
    fmpq * weight;                /* one a row */
}
gram_struct;

typedef gram_struct gram_t[1];

static const fmpz_mpoly_q_struct * entry_of(const gram_t gram, slong i, slong j)
{
    return gram->entry[i * gram->size + j].q;
}

static void gram_open(gram_t gram, const gr_mat_t matrix, gr_ctx_t ctx)
{
    slong i, j;
    gram->field = FIELD(ctx);
    gram->variables = fmpz_mpoly_ctx_nvars(field_mctx(gram->field));
    gram->size = matrix->r;
    gram->entry = flint_malloc(sizeof(field_operand_struct) * FLINT_MAX(matrix->r * matrix->r, 1));
    gram->nodes = 0;
    gram->node = flint_malloc(sizeof(node_struct) * GRAM_NODES);
    gram->rows = 0;
    gram->weight = _fmpq_vec_init(GRAM_NODES);
    for (i = 0; i < gram->size; i++)
    {
        for (j = 0; j < gram->size; j++)
        {
            field_operand_open(gram->entry + i * gram->size + j, gr_mat_entry_srcptr(matrix, i, j, ctx), gram->field);
        }
    }
}

static void gram_close(gram_t gram)
{
    slong i;
    for (i = 0; i < gram->size * gram->size; i++)
    {
        field_operand_close(gram->entry + i, gram->field);
    }
    for (i = 0; i < gram->nodes; i++)
    {
        flint_free(gram->node[i].exponents);
        fmpq_clear(gram->node[i].coefficient);
        fmpq_clear(gram->node[i].multiple);
    }
    flint_free(gram->entry);
    flint_free(gram->node);
    _fmpq_vec_clear(gram->weight, GRAM_NODES);
}

/* The coefficient and the exponents of term t; 0 if the entry is no polynomial. */
static int read_term(fmpq_t coefficient, ulong * exponents, const fmpz_mpoly_q_struct * q, slong t, const gram_t gram)
{
    fmpz_mpoly_ctx_struct * mctx = field_mctx(gram->field);
    fmpz_mpoly_struct * p = (fmpz_mpoly_struct *) fmpz_mpoly_q_numref(q);
    fmpz_mpoly_struct * d = (fmpz_mpoly_struct *) fmpz_mpoly_q_denref(q);
    if (!fmpz_mpoly_is_fmpz(d, mctx) || !fmpz_mpoly_term_exp_fits_ui(p, t, mctx))
    {
        return 0;
    }
    fmpz_mpoly_get_term_exp_ui(exponents, p, t, mctx);
    fmpq_set_fmpz(coefficient, fmpz_mpoly_term_coeff_ref(p, t, mctx));
    fmpq_div_fmpz(coefficient, coefficient, fmpz_mpoly_term_coeff_ref(d, 0, mctx));
    return 1;
}

static slong terms_of(const fmpz_mpoly_q_struct * q, const gram_t gram)
{
    return fmpz_mpoly_length(fmpz_mpoly_q_numref(q), field_mctx(gram->field));
}

/* The terms of diagonal entry i as squares. */
static int read_squares(gram_t gram, slong i)
{
    const fmpz_mpoly_q_struct * q = entry_of(gram, i, i);
    slong t, v;
    int squares = 1;
    for (t = 0; t < terms_of(q, gram) && squares; t++)
    {
        node_struct * node = gram->node + gram->nodes;
        if (gram->nodes == GRAM_NODES)
        {
            return 0;
        }
        node->column = i;
        node->row = -1;
        node->exponents = flint_malloc(sizeof(ulong) * FLINT_MAX(gram->variables, 1));
        fmpq_init(node->coefficient);
        fmpq_init(node->multiple);
        gram->nodes++;
        squares = read_term(node->coefficient, node->exponents, q, t, gram) && fmpq_sgn(node->coefficient) > 0;
        for (v = 0; v < gram->variables && squares; v++)
        {
            squares = node->exponents[v] % 2 == 0;
            node->exponents[v] /= 2;
        }
    }
    return squares;
}

static int is_product(const ulong * exponents, const node_struct * a, const node_struct * b, slong variables)
{
    slong v;
    for (v = 0; v < variables; v++)
    {
        if (exponents[v] != a->exponents[v] + b->exponents[v])
        {
            return 0;
        }
    }
    return 1;
}

/* The entry of column j whose product with the node is a term of B_ij: its index, or -1; b the term's
   coefficient. Several are left to the final check. */
static slong find_partner(fmpq_t b, const node_struct * node, slong j, const gram_t gram, ulong * exponents)
{
    const fmpz_mpoly_q_struct * q = entry_of(gram, node->column, j);
    slong t, k;
    for (t = 0; t < terms_of(q, gram); t++)
    {
        if (!read_term(b, exponents, q, t, gram))
        {
            return -1;
        }
        for (k = 0; k < gram->nodes; k++)
        {
            if (gram->node[k].column == j && gram->node[k].row < 0 && is_product(exponents, node, gram->node + k, gram->variables))
            {
                return k;
            }
        }
    }
    return -1;
}

/* Collects the row that begins with a node: along the products, weight c and multiples from b = c v v'. */
static void collect_row(gram_t gram, slong first)
{
    slong * queue = flint_malloc(sizeof(slong) * gram->nodes);
    ulong * exponents = flint_malloc(sizeof(ulong) * FLINT_MAX(gram->variables, 1));
    char * taken = flint_calloc((size_t) gram->size, 1);
    fmpq * weight = gram->weight + gram->rows;
    slong head, tail = 0, j, k;
    fmpq_t b, scale;

    fmpq_init(b);
    fmpq_init(scale);
    fmpq_set(weight, gram->node[first].coefficient);
    fmpq_one(gram->node[first].multiple);
    gram->node[first].row = gram->rows;
    taken[gram->node[first].column] = 1;
    queue[tail++] = first;
    for (head = 0; head < tail; head++)
    {
        const node_struct * node = gram->node + queue[head];
        for (j = 0; j < gram->size; j++)
        {
            k = taken[j] ? -1 : find_partner(b, node, j, gram, exponents);
            if (k >= 0)
            {
                fmpq_mul(scale, weight, node->multiple);
                fmpq_div(gram->node[k].multiple, b, scale);
                gram->node[k].row = gram->rows;
                taken[j] = 1;
                queue[tail++] = k;
            }
        }
    }
    gram->rows++;
    fmpq_clear(b);
    fmpq_clear(scale);
    flint_free(queue);
    flint_free(exponents);
    flint_free(taken);
}

static void write_factor(gr_mat_t factor, gr_mat_t weights, const gram_t gram, gr_ctx_t ctx)
{
    fmpz_mpoly_ctx_struct * mctx = field_mctx(gram->field);
    slong k;
    fmpz_mpoly_t above, below;
    fmpz_mpoly_init(above, mctx);
    fmpz_mpoly_init(below, mctx);
    for (k = 0; k < gram->nodes; k++)
    {
        const node_struct * node = gram->node + k;
        fmpz_mpoly_zero(above, mctx);
        fmpz_mpoly_set_coeff_fmpz_ui(above, fmpq_numref(node->multiple), node->exponents, mctx);
        fmpz_mpoly_set_fmpz(below, fmpq_denref(node->multiple), mctx);
        field_element_set_polynomials((field_element_struct *) gr_mat_entry_ptr(factor, node->row, node->column, ctx),
            above, below, gram->field);
    }
    for (k = 0; k < gram->rows; k++)
    {
        field_set_fmpq((field_element_struct *) gr_mat_entry_ptr(weights, k, 0, ctx), gram->weight + k, gram->field);
    }
    fmpz_mpoly_clear(above, mctx);
    fmpz_mpoly_clear(below, mctx);
}

/* Whether factor^T diag(weights) factor is the matrix. */
static int is_gram_of(const gr_mat_t factor, const gr_mat_t weights, const gr_mat_t matrix, gr_ctx_t ctx)
{
    gr_mat_t left, product;
    slong l, i;
    int equal = 1;
    gr_mat_init(left, factor->c, factor->r, ctx);
    gr_mat_init(product, factor->c, factor->c, ctx);
    for (l = 0; l < factor->r && equal; l++)
    {
        for (i = 0; i < factor->c && equal; i++)
        {
            equal = gr_mul(gr_mat_entry_ptr(left, i, l, ctx), gr_mat_entry_srcptr(factor, l, i, ctx),
                gr_mat_entry_srcptr(weights, l, 0, ctx), ctx) == GR_SUCCESS;
        }
    }
    equal = equal && gr_mat_mul(product, left, factor, ctx) == GR_SUCCESS
        && gr_mat_sub(product, product, matrix, ctx) == GR_SUCCESS && gr_mat_is_zero(product, ctx) == T_TRUE;
    gr_mat_clear(left, ctx);
    gr_mat_clear(product, ctx);
    return equal;
}

int caustic_field_gram(gr_mat_t factor, gr_mat_t weights, const gr_mat_t matrix, gr_ctx_t ctx)
{
    gram_t gram;
    slong i;
    int found = matrix->r == matrix->c && matrix->r > 0 && matrix->r <= GRAM_SIZE;
    if (!found)
    {
        return 0;
    }
    gram_open(gram, matrix, ctx);
    for (i = 0; i < gram->size && found; i++)
    {
        found = read_squares(gram, i);
    }
    for (i = 0; i < gram->nodes && found; i++)
    {
        if (gram->node[i].row < 0)
        {
            collect_row(gram, i);
        }
    }
    if (found)
    {
        gr_mat_init(factor, gram->rows, gram->size, ctx);
        gr_mat_init(weights, gram->rows, 1, ctx);
        write_factor(factor, weights, gram, ctx);
        found = is_gram_of(factor, weights, matrix, ctx);
        if (!found)
        {
            gr_mat_clear(factor, ctx);
            gr_mat_clear(weights, ctx);
        }
    }
    gram_close(gram);
    return found;
}
