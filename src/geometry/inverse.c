/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include "geometry/tensors.h"

#define ENTRY_TERMS 2000 /* longer entries would become longer still */

static slong
terms_of(gr_srcptr entry, gr_ctx_t ctx)
{
    const field_element_struct * x = entry;
    const fmpz_mpoly_ctx_struct * mctx = FIELD(ctx)->levels[x->level];

    return fmpz_mpoly_length(fmpz_mpoly_q_numref(x->value), mctx) + fmpz_mpoly_length(fmpz_mpoly_q_denref(x->value), mctx);
}

static int
is_plainly_zero(gr_srcptr entry, gr_ctx_t ctx)
{
    const field_element_struct * x = entry;

    return fmpz_mpoly_is_zero(fmpz_mpoly_q_numref(x->value), FIELD(ctx)->levels[x->level]);
}

/* The shortest diagonal entry that is left and certified not to vanish identically, or -1. */
static slong
find_pivot(const gr_mat_t a, const char * done, gr_ctx_t ctx)
{
    slong best = -1;

    for (slong k = 0; k < a->r; k++)
    {
        gr_srcptr entry = gr_mat_entry_srcptr(a, k, k, ctx);

        if (!done[k] && (best < 0 || terms_of(entry, ctx) < terms_of(gr_mat_entry_srcptr(a, best, best, ctx), ctx))
            && gr_is_zero(entry, ctx) == T_FALSE)
            best = k;
    }

    return best;
}

/* One sweep: with p = a_kk, a_ij - a_ik a_kj/p elsewhere, a_ik/p in the line and -1/p at the place. After
   all sweeps a is minus its inverse; it stays symmetric. [GEOMETRY-3] */
static int
sweep(gr_mat_t a, slong k, const char ** reason, gr_ctx_t ctx)
{
    slong d = a->r;
    gr_ptr inverse, ratio, product;
    int status;

    GR_TMP_INIT3(inverse, ratio, product, ctx);
    status = gr_inv(inverse, gr_mat_entry_srcptr(a, k, k, ctx), ctx);

    for (slong i = 0; i < d && status == GR_SUCCESS; i++)
    {
        if (i == k || is_plainly_zero(gr_mat_entry_srcptr(a, i, k, ctx), ctx))
            continue;

        status |= gr_mul(ratio, gr_mat_entry_srcptr(a, i, k, ctx), inverse, ctx);
        for (slong j = 0; j <= i && status == GR_SUCCESS; j++)
        {
            gr_ptr entry = gr_mat_entry_ptr(a, i, j, ctx);

            if (j == k || is_plainly_zero(gr_mat_entry_srcptr(a, j, k, ctx), ctx))
                continue;

            status |= gr_mul(product, ratio, gr_mat_entry_srcptr(a, j, k, ctx), ctx);
            status |= gr_sub(entry, entry, product, ctx);
            status |= gr_set(gr_mat_entry_ptr(a, j, i, ctx), entry, ctx);
            if (status == GR_SUCCESS && terms_of(entry, ctx) > ENTRY_TERMS)
            {
                *reason = "an entry of a matrix on the way to the metric has more than 2000 terms";
                status = GR_UNABLE;
            }
        }
    }

    for (slong i = 0; i < d && status == GR_SUCCESS; i++)
    {
        if (i == k)
            continue;
        status |= gr_mul(gr_mat_entry_ptr(a, i, k, ctx), gr_mat_entry_srcptr(a, i, k, ctx), inverse, ctx);
        status |= gr_set(gr_mat_entry_ptr(a, k, i, ctx), gr_mat_entry_srcptr(a, i, k, ctx), ctx);
    }

    status |= gr_neg(gr_mat_entry_ptr(a, k, k, ctx), inverse, ctx);
    GR_TMP_CLEAR3(inverse, ratio, product, ctx);
    return status;
}

/* adj(a)/det(a), for what no sweep begins with: a diagonal of zeros. */
static int
invert_by_adjugate(gr_mat_t res, gr_ptr determinant, const gr_mat_t a, gr_ctx_t ctx)
{
    int status = gr_mat_adjugate(res, determinant, a, ctx);

    for (slong i = 0; i < res->r && status == GR_SUCCESS; i++)
        for (slong j = 0; j < res->c && status == GR_SUCCESS; j++)
            status |= gr_div(gr_mat_entry_ptr(res, i, j, ctx), gr_mat_entry_srcptr(res, i, j, ctx), determinant, ctx);

    return status;
}

int
invert_symmetric(gr_mat_t res, gr_ptr determinant, const gr_mat_t matrix, const char ** reason, gr_ctx_t ctx)
{
    slong d = matrix->r, pivot = 0;
    char * done = flint_calloc((size_t) FLINT_MAX(d, 1), 1);
    int status = gr_mat_set(res, matrix, ctx) | gr_one(determinant, ctx);

    for (slong step = 0; step < d && pivot >= 0 && status == GR_SUCCESS; step++)
    {
        pivot = find_pivot(res, done, ctx);
        if (pivot >= 0)
        {
            done[pivot] = 1;
            status |= gr_mul(determinant, determinant, gr_mat_entry_srcptr(res, pivot, pivot, ctx), ctx);
            status |= sweep(res, pivot, reason, ctx);
        }
    }

    if (status == GR_SUCCESS)
        status |= (pivot >= 0) ? gr_mat_neg(res, res, ctx) : invert_by_adjugate(res, determinant, matrix, ctx);
    if (status != GR_SUCCESS && *reason == NULL)
        *reason = (status & GR_DOMAIN) ? "the cometric is degenerate" : "the inverse of the cometric is beyond what the exact field computes";

    flint_free(done);
    return status;
}
